"""standardize, min_max, robust_scale, rescale, clip and log1p: scikit-learn's numbers, tables, and clear errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from sklearn import preprocessing

from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError, StateError
from kexp.transforms import Clip, Log1p, MinMax, Rescale, RobustScale, Standardize

RNG = np.random.default_rng(0)
X = RNG.normal(5, 3, (100, 4))
X[:, 2] = 4.2


def table() -> Any:
    return pandas.DataFrame(
        {"age": [20, 30, 40], "city": ["Rome", "Oslo", "Rome"], "pay": [1.0, 2.0, 6.0]}, index=[7, 8, 9]
    )


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Standardize(), preprocessing.StandardScaler()),
        (MinMax(low=-1.0, high=2.0), preprocessing.MinMaxScaler((-1, 2))),
        (MinMax(clip=True), preprocessing.MinMaxScaler(clip=True)),
        (RobustScale(), preprocessing.RobustScaler()),
    ],
    ids=repr,
)
def test_scaling_gives_what_scikit_learn_gives(ours: Transform, theirs: Any) -> None:
    ours.fit([X[:30], X[30:31], X[31:]])
    theirs.fit(X)
    np.testing.assert_allclose(ours.transform(2 * X), theirs.transform(2 * X), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(ours.inverse(ours.transform(X)), X, rtol=1e-12)


def test_standardize_divides_by_the_standard_deviation_of_pandas_with_ddof_1() -> None:
    frame = pandas.DataFrame(X[:, :2], columns=["a", "b"])
    step = Standardize(ddof=1)
    step.fit([frame])
    np.testing.assert_allclose(step.transform(frame), (frame - frame.mean()) / frame.std(), rtol=1e-12)


def test_standardize_learns_from_chunks_far_from_zero_without_loss() -> None:
    x = 1e8 + RNG.standard_normal((1000, 1))
    step = Standardize()
    step.fit(x[start : start + 100] for start in range(0, 1000, 100))
    np.testing.assert_allclose(step.scale_, x.std(0), rtol=1e-7)


def test_a_constant_column_becomes_zero() -> None:
    x = np.full((1000, 1), 0.1)
    step = Standardize()
    step.fit([x])
    assert step.scale_.tolist() == [1.0]
    assert np.abs(step.transform(x)).max() < 1e-12


def test_texts_and_the_index_stay_as_they_are() -> None:
    step, frame = Standardize(), table()
    step.fit([frame])
    made = step.transform(frame)
    assert list(made.columns) == ["age", "city", "pay"]
    assert list(made.index) == [7, 8, 9]
    assert list(made["city"]) == ["Rome", "Oslo", "Rome"]
    np.testing.assert_allclose(made[["age", "pay"]].mean(), 0, atol=1e-12)


def test_columns_are_found_by_name_whatever_their_order() -> None:
    step, frame = MinMax(["pay"]), table()
    step.fit([frame])
    assert step.transform(frame[["pay", "city"]])["pay"].tolist() == [0.0, 0.2, 1.0]


def test_a_target_of_one_axis_keeps_its_axis() -> None:
    step = Standardize()
    step.fit([pandas.Series([1.0, 2.0, 3.0])])
    y = step.transform(np.array([1.0, 2.0, 3.0]))
    assert y.shape == (3,)
    np.testing.assert_allclose(step.inverse(y), [1, 2, 3])


@pytest.mark.parametrize("step", [Standardize(), MinMax(), RobustScale(), Clip(0, 1), Log1p(), Rescale(2.0)], ids=repr)
def test_a_gap_is_an_error_that_names_its_place(step: Transform) -> None:
    frame = table().assign(pay=[1.0, None, None])
    with pytest.raises(DataError) as caught:
        step.fit([frame])
        step.transform(frame)
    assert str(caught.value) == (
        "column 'pay', row 1: the value is missing (2 values of the column are missing). Fill it in first (impute)"
    )


def test_a_text_among_numbers_is_an_error_that_names_it() -> None:
    frame = table().assign(age=["20", "thirty", "40"])
    with pytest.raises(DataError) as caught:
        Standardize().fit([frame])
    assert str(caught.value) == (
        "column 'age', row 0: numbers are needed, and it holds the text '20'. Read the column as numbers first (cast)"
    )
    with pytest.raises(DataError) as caught:
        Standardize().fit([frame.assign(age=[20, "thirty", 40])])
    assert str(caught.value) == (
        "column 'age', row 1: numbers are needed, and it holds the text 'thirty'. "
        "Encode the column first (one_hot or label_encode), or leave it out (drop_columns)"
    )


def test_the_row_of_a_bad_value_is_counted_over_all_chunks() -> None:
    x = np.ones((20, 2))
    x[13, 1] = np.inf
    with pytest.raises(DataError, match=r"^column 1, row 13: the value is inf, which is not finite$"):
        Standardize().fit([x[:8], x[8:16], x[16:]])


def test_columns_that_are_not_there_are_named() -> None:
    with pytest.raises(DataError) as caught:
        Standardize(["agee"]).fit([table()])
    assert str(caught.value) == "the table has no column 'agee'. Did you mean 'age'? It has: age, city, pay"
    with pytest.raises(DataError, match="there is no column 4: the 4 columns are numbered 0 to 3"):
        Standardize([4]).fit([X])
    with pytest.raises(DataError, match="the data are an array, whose columns go by their numbers"):
        Standardize(["age"]).fit([X])
    step = Standardize(["age", "pay"])
    step.fit([table()])
    with pytest.raises(DataError, match="^the table lacks the columns pay. It has: age, city$"):
        step.transform(table().drop(columns="pay"))
    with pytest.raises(DataError, match="^a table with the columns age, pay is needed, as in the fit"):
        step.transform(X)
    with pytest.raises(DataError, match="the table has no column of numbers. It has: city. Say which with `columns`"):
        Standardize().fit([table()[["city"]]])
    with pytest.raises(DataError, match="more than one column 'a'"):
        Standardize().fit([pandas.DataFrame(np.ones((2, 2)), columns=["a", "a"])])


def test_arguments_are_checked() -> None:
    with pytest.raises(ArgumentError, match=r"^ddof must be one of 0, 1\. Received: 2$"):
        Standardize(ddof=2)
    with pytest.raises(ArgumentError, match=r"^low must be below high\. Received: low=1, high=1$"):
        MinMax(low=1, high=1)
    with pytest.raises(ArgumentError, match=r"^columns must be a list of column names or numbers\. Received: \[\]$"):
        Standardize([])
    with pytest.raises(ArgumentError, match=r"^columns names 'a' twice\. Received: \['a', 'a'\]$"):
        Standardize(["a", "a"])
    with pytest.raises(ArgumentError, match=r"^scale must not be 0\. Received: 0$"):
        Rescale(0)
    with pytest.raises(ArgumentError, match="^clip needs low, high or both$"):
        Clip()
    with pytest.raises(StateError, match="^standardize must be fitted on training data first$"):
        Standardize().transform(X)
    with pytest.raises(DataError, match=r"^standardize needs at least 2 rows to fit on\. Received: 1$"):
        Standardize(ddof=1).fit([X[:1]])


def test_rescale_turns_bytes_into_floats_and_back() -> None:
    pixels = np.array([[[0, 51], [102, 255]]], dtype=np.uint8)
    step = Rescale(1 / 255)
    made = step.transform(pixels)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, pixels / 255, rtol=1e-6)
    np.testing.assert_allclose(step.inverse(made), pixels, rtol=1e-6)


def test_log1p_and_clip_do_what_they_say() -> None:
    np.testing.assert_allclose(Log1p(["pay"]).transform(table())["pay"], np.log1p([1.0, 2.0, 6.0]))
    np.testing.assert_allclose(Log1p().inverse(np.log1p(X[:, :1] ** 2)), X[:, :1] ** 2)
    with pytest.raises(DataError, match=r"^column 'pay', row 2: log1p needs values above -1\. Received: -6$"):
        Log1p().transform(table().assign(pay=[1.0, 2.0, -6.0]))
    assert Clip(high=2).transform(table())["pay"].tolist() == [1.0, 2.0, 2.0]
