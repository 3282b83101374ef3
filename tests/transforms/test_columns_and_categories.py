"""select_columns, drop_columns, label_encode, one_hot, to_categorical, impute, cast and reshape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import LabelEncoder, OneHotEncoder

from kexp.data import Pipeline
from kexp.errors import ArgumentError, DataError
from kexp.transforms import (
    Cast,
    DropColumns,
    Impute,
    LabelEncode,
    OneHot,
    Reshape,
    SelectColumns,
    ToCategorical,
)


def table() -> Any:
    return pandas.DataFrame(
        {
            "age": [20.0, None, 40.0, 40.0],
            "city": ["Rome", "Oslo", None, "Rome"],
            "sex": ["f", "m", "m", "f"],
        }
    )


def test_columns_are_selected_in_the_order_asked_for_and_others_may_be_missing_later() -> None:
    pipeline = Pipeline([SelectColumns(["sex", 0])]).fit(table())
    assert list(pipeline.transform(table()).columns) == ["sex", "age"]
    assert list(pipeline.transform(table()[["age", "sex"]]).columns) == ["sex", "age"]


def test_dropped_columns_may_be_missing_later() -> None:
    pipeline = Pipeline([DropColumns(["city"])]).fit(table())
    assert list(pipeline.transform(table()).columns) == ["age", "sex"]
    assert list(pipeline.transform(table()[["sex", "age"]]).columns) == ["age", "sex"]
    with pytest.raises(DataError, match=r"^drop_columns leaves no column: there are only age, city, sex$"):
        DropColumns(["age", "city", "sex"]).fit([table()])
    assert SelectColumns([1, -1]).columns == [1, -1]


def test_columns_of_arrays_go_by_number() -> None:
    x = np.arange(12).reshape(3, 4)
    step = DropColumns([-1])
    step.fit([x])
    assert step.transform(x).tolist() == x[:, :3].tolist()


def test_labels_become_the_class_numbers_of_scikit_learn_and_come_back() -> None:
    labels = np.array(["Spain", "France", "Germany", "France"], dtype=object)
    step = LabelEncode()
    step.fit([labels[:2], labels[2:]])
    codes = step.transform(labels)
    assert codes.dtype == np.int64
    assert codes.tolist() == LabelEncoder().fit_transform(labels).tolist() == [2, 0, 1, 0]
    assert step.inverse(codes).tolist() == labels.tolist()
    assert step.inverse(np.eye(3)).tolist() == ["France", "Germany", "Spain"]
    assert step.classes_ == ["France", "Germany", "Spain"]


def test_probabilities_of_two_classes_become_labels() -> None:
    step = LabelEncode()
    step.fit([np.array(["no", "yes"])])
    assert step.inverse(np.array([[0.2], [0.9]], dtype=np.float32)).tolist() == ["no", "yes"]
    assert step.inverse(np.array([0.0, 1.0])).tolist() == ["no", "yes"]
    assert step.inverse(np.array([[0.2, 0.8]])).tolist() == ["yes"]


def test_class_numbers_that_begin_with_1_come_back_as_they_were() -> None:
    labels = np.array([1, 7, 3])
    pipeline = Pipeline([LabelEncode()]).fit(labels)
    again = Pipeline.from_json(pipeline.to_json())
    assert again.transform(labels).tolist() == [0, 2, 1]
    assert again.inverse(np.array([2, 0])).tolist() == [7, 1]


def test_an_unseen_value_is_an_error_that_names_it() -> None:
    step = LabelEncode(["sex"])
    step.fit([table()])
    with pytest.raises(DataError) as caught:
        step.transform(table().assign(sex=["f", "x", "x", "m"]))
    assert str(caught.value) == (
        "column 'sex', row 1: 'x' was not among the training data's values (2 rows hold unknown values). "
        "Known: 'f', 'm'"
    )
    with pytest.raises(DataError, match=r"class numbers must be whole numbers from 0 to 1 \('f', 'm'\)"):
        step.inverse(table().assign(sex=[0, 1, 2, 0]))


def test_a_missing_category_is_an_error_that_names_its_row() -> None:
    with pytest.raises(DataError, match=r"^column 'city', row 2: the value is missing. Fill it in first \(impute\)$"):
        OneHot(["city"]).fit([table()])


def test_one_hot_gives_the_columns_of_scikit_learn_in_the_place_of_the_old_one() -> None:
    frame = table().assign(city=["Rome", "Oslo", "Bern", "Rome"])
    for drop in (None, "first", "if_binary"):
        step = OneHot(drop=drop)  # type: ignore[arg-type]
        step.fit([frame[:2], frame[2:]])
        made = step.transform(frame)
        theirs = OneHotEncoder(drop=drop, sparse_output=False).fit(frame[["city", "sex"]])
        assert list(made.columns) == ["age", *theirs.get_feature_names_out()]
        assert made.to_numpy()[:, 1:].tolist() == theirs.transform(frame[["city", "sex"]]).tolist()


def test_one_hot_refuses_or_ignores_unknown_values() -> None:
    step = OneHot(["sex"])
    step.fit([table()])
    with pytest.raises(DataError, match=r"Known: 'f', 'm'\. To write such rows as zeros: handle_unknown=\"ignore\"$"):
        step.transform(table().assign(sex="x"))
    step = OneHot(["sex"], handle_unknown="ignore")
    step.fit([table()])
    made = step.transform(table().assign(sex=["x", None, "m", "f"]))
    assert made[["sex_f", "sex_m"]].to_numpy().tolist() == [[0, 0], [0, 0], [0, 1], [1, 0]]


def test_values_of_several_types_cannot_be_categories() -> None:
    with pytest.raises(DataError, match=r"^column 'city': values of several types \(int, str\) cannot be sorted"):
        OneHot(["city"]).fit([table().assign(city=["a", 1, "b", 2])])
    dates = pandas.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01"])
    with pytest.raises(DataError, match=r"^column 'city': categories are texts or numbers\. Received: a \w+, 20"):
        OneHot(["city"]).fit([table().assign(city=dates)])
    with pytest.raises(DataError, match="the table has no column of texts. It has: age"):
        OneHot().fit([table()[["age"]]])


def test_a_new_column_must_not_take_an_old_ones_name() -> None:
    step = OneHot(["sex"])
    frame = table().assign(sex_f=1)
    step.fit([frame])
    with pytest.raises(DataError, match="more than one column 'sex_f'"):
        step.transform(frame)


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent"])
def test_gaps_are_filled_as_scikit_learn_fills_them(strategy: Any) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 9, (60, 3)).astype(float)
    x[rng.random(x.shape) < 0.3] = np.nan
    x[:, 1] = 5
    step = Impute(strategy=strategy, add_indicator=True)
    step.fit([x[:20], x[20:]])
    want = SimpleImputer(strategy=strategy, add_indicator=True).fit_transform(x)
    np.testing.assert_allclose(step.transform(x), want, rtol=1e-12)


def test_gaps_of_tables_are_filled_by_column() -> None:
    def filled(**arguments: Any) -> Any:
        step = Impute(**arguments)
        step.fit([table()[:2], table()[2:]])
        return step.transform(table())

    assert filled()["age"].tolist() == pytest.approx([20.0, 100 / 3, 40.0, 40.0])
    assert filled(strategy="most_frequent")["city"].tolist() == ["Rome", "Oslo", "Rome", "Rome"]
    assert filled(strategy="constant", value="nowhere")["city"].tolist() == ["Rome", "Oslo", "nowhere", "Rome"]
    assert filled(strategy="constant")["age"].tolist() == [20.0, 0.0, 40.0, 40.0]
    made = filled(columns=["age"], add_indicator=True)
    assert list(made.columns) == ["age", "city", "sex", "age_missing"]
    assert made["age_missing"].tolist() == [0.0, 1.0, 0.0, 0.0]


def test_what_cannot_be_filled_is_said() -> None:
    with pytest.raises(DataError, match=r"^column 'age': all values are missing, so there is none to fill in\."):
        Impute().fit([table().assign(age=np.nan)])
    with pytest.raises(DataError, match=r"^column 'sex', row 0: numbers are needed, and it holds the text 'f'"):
        Impute(["sex"]).fit([table()])
    with pytest.raises(DataError, match=r"^column 'sex' holds texts, and value=3 is a number$"):
        Impute(["sex"], strategy="constant", value=3).fit([table()])
    with pytest.raises(ArgumentError, match='^value is for strategy "constant"'):
        Impute(value=3)


def test_class_numbers_become_one_hot_rows() -> None:
    step = ToCategorical()
    step.fit([np.array([0, 1]), np.array([[2]])])
    assert step.transform(np.array([2, 0])).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert step.inverse(np.array([[0.1, 0.7, 0.2]])).tolist() == [1]
    with pytest.raises(DataError, match=r"^row 1: there are 3 classes, numbered 0 to 2\. Received: 3$"):
        step.transform(np.array([0, 3]))
    with pytest.raises(DataError, match=r"^row 0: class numbers are whole numbers from 0\. Received: 0\.5\."):
        step.transform(np.array([0.5]))
    assert ToCategorical(4).transform(np.array([1])).shape == (1, 4)


def test_cast_reads_numbers_from_texts_and_never_changes_a_value_in_silence() -> None:
    frame = pandas.DataFrame({"a": ["1", " 2.5"], "b": [1, 2]})
    assert Cast().transform(frame)["a"].tolist() == [1.0, 2.5]
    assert [str(kind) for kind in Cast("float64").transform(frame).dtypes] == ["float64", "float64"]
    for dtype, value, text in [
        ("int64", 2.5, "row 0: for int64 a value must be a whole number. Received: 2.5"),
        ("int64", np.nan, "row 0: for int64 a value must be a whole number. Received: nan"),
        ("uint8", 256, "row 0: for uint8 a value must be from 0 to 255. Received: 256"),
        ("bool", 2, "row 0: for bool a value must be 0 or 1. Received: 2"),
        ("float32", 1e39, "row 0: for float32 a value must be at most 3.40282e+38. Received: 1e+39"),
        ("float32", "x", "row 0: 'x' is no number"),
    ]:
        with pytest.raises(DataError) as caught:
            Cast(dtype).transform(np.array([value]))
        assert str(caught.value) == text
    with pytest.raises(ArgumentError, match="dtype must be a dtype of numbers"):
        Cast("text")


def test_rows_take_another_shape() -> None:
    assert Reshape([2, -1]).transform(np.zeros((3, 8))).shape == (3, 2, 4)
    assert Reshape([3]).transform(pandas.DataFrame(np.zeros((5, 3)))).shape == (5, 3)
    with pytest.raises(DataError, match=r"^rows of shape \(8,\) \(8 values\) cannot take the shape \(3, -1\)$"):
        Reshape([3, -1]).transform(np.zeros((3, 8)))
    with pytest.raises(ArgumentError, match="one of which may be -1"):
        Reshape([-1, -1])
    with pytest.raises(DataError, match="^a table or an array of rows is needed: setting an array element"):
        Reshape([2]).transform([[1, 2], [3]])
