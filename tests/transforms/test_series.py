"""window, difference and lags: which steps go together, what is refused, and series that are split by time first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from kexp.config import compose
from kexp.core.transform import Transform
from kexp.data import Pipeline
from kexp.errors import ArgumentError, DataError
from kexp.layers import Dense, Flatten
from kexp.models import Sequential
from kexp.run import run
from kexp.transforms import Difference, Lags, Standardize, Window

STEPS = np.arange(12.0)


def table() -> Any:
    return pandas.DataFrame({"a": STEPS, "b": STEPS**2}, index=pandas.date_range("2020-01-01", periods=12, freq="MS"))


@pytest.mark.parametrize("length", [1, 3])
@pytest.mark.parametrize("horizon", [0, 1, 4])
@pytest.mark.parametrize("stride", [1, 3])
@pytest.mark.parametrize("sampling", [1, 2])
def test_a_windows_target_is_the_step_at_the_horizon(length: int, horizon: int, stride: int, sampling: int) -> None:
    x, y = Window(length, horizon, stride, sampling).pair(STEPS, 100 + STEPS)
    ends = np.arange((length - 1) * sampling, 12 - horizon, stride)
    assert x[..., 0].tolist() == [[end - sampling * back for back in reversed(range(length))] for end in ends]
    assert y.tolist() == [100 + end + horizon for end in ends]


def test_inputs_alone_give_the_windows_whose_target_is_still_to_come() -> None:
    step = Window(4, horizon=2)
    known, _ = step.pair(STEPS, STEPS)
    every = step.transform(STEPS)
    assert len(known) == 7 and len(every) == 9
    assert every[-1, :, 0].tolist() == [8, 9, 10, 11]


def test_windows_of_a_table_hold_its_columns_and_of_pictures_their_axes() -> None:
    x, y = Window(2).pair(table(), table()["b"])
    assert x.shape == (10, 2, 2) and x[0].tolist() == [[0, 0], [1, 1]]
    assert list(y) == [4.0, 9, 16, 25, 36, 49, 64, 81, 100, 121] and y.index[0] == table().index[2]
    frames = np.arange(2 * 3 * 6, dtype=np.uint8).reshape(6, 2, 3)
    windows = Window(3).transform(frames)
    assert windows.shape == (4, 3, 2, 3) and windows.dtype == np.uint8
    np.testing.assert_array_equal(windows[1], frames[1:4])


def test_windows_share_no_memory_with_the_series() -> None:
    series = STEPS.copy()
    windows = Window(3).transform(series)
    windows[:] = -1
    assert series.tolist() == STEPS.tolist()


@pytest.mark.parametrize("target", ["b", 1, -1])
def test_a_column_can_take_the_place_of_the_targets(target: Any) -> None:
    x, y = Pipeline([Difference(), Window(2, target=target)]).fit(table()).pair(table(), table()["a"])
    assert x.shape == (9, 2, 2)
    assert list(y) == [5.0, 7, 9, 11, 13, 15, 17, 19, 21]


def test_difference_and_lags_drop_the_first_rows_of_the_targets_too() -> None:
    x, y = Difference(lag=3).pair(STEPS[:, None] ** 2, STEPS)
    assert x[:, 0].tolist() == [t**2 - (t - 3) ** 2 for t in range(3, 12)] and y.tolist() == list(range(3, 12))
    x, y = Lags([1, 4]).pair(np.stack([STEPS, 10 * STEPS], 1), STEPS)
    assert x[0].tolist() == [4, 40, 3, 0, 30, 0] and y.tolist() == list(range(4, 12))


def test_difference_leaves_columns_that_are_not_named_as_they_are() -> None:
    found = Difference(columns=["b"]).transform(table())
    assert found["a"].tolist() == list(range(1, 12)) and found["b"].tolist() == list(range(1, 23, 2))
    assert list(found.index) == list(table().index[1:])


def test_lags_of_a_table_are_named_after_their_columns() -> None:
    found = Lags([2, 1], columns=["b"]).transform(table())
    assert list(found.columns) == ["a", "b", "b_lag2", "b_lag1"]
    assert found.iloc[0].tolist() == [2, 4, 0, 1] and found.index[0] == table().index[2]
    assert list(Lags([1], ["b"], keep=False).transform(table()).columns) == ["a", "b_lag1"]
    assert Lags([1], [0], keep=False).transform(np.stack([STEPS, 10 * STEPS], 1))[0].tolist() == [10, 0]


def test_two_lags_of_one_table_do_not_share_a_name() -> None:
    twice = table().assign(a_lag1=0)
    with pytest.raises(DataError, match="^the table has more than one column 'a_lag1': give each a name of its own$"):
        Lags([1]).transform(twice)


SHORT = [
    (Window(12), "a window of 12 steps and its target 1 after it needs a series of at least 13 steps. Received: 12"),
    (Window(5, 0, 1, 4), "a window of 5 steps, 4 apart, needs a series of at least 17 steps. Received: 12"),
    (Difference(12), "difference with lag 12 needs a series of at least 13 steps. Received: 12"),
    (Lags([1, 12]), "lags of 12 steps needs a series of at least 13 steps. Received: 12"),
]


@pytest.mark.parametrize(("step", "text"), SHORT, ids=lambda value: type(value).__name__)
def test_a_series_that_is_too_short_is_refused(step: Transform, text: str) -> None:
    with pytest.raises(DataError) as caught:
        step.pair(STEPS, STEPS)
    assert str(caught.value) == text


@pytest.mark.parametrize("step", [Window(2), Difference(), Lags([1])], ids=repr)
def test_gaps_and_texts_are_refused_with_their_place(step: Transform) -> None:
    gaps = table()
    gaps.iloc[5, 1] = np.nan
    with pytest.raises(DataError) as caught:
        step.transform(gaps)
    assert str(caught.value) == "column 'b', row 5: the value is missing. Fill it in first (impute)"
    with pytest.raises(DataError, match="^column 'b', row 0: numbers are needed, and it holds the text '0.0'"):
        step.transform(table().astype({"b": str}))
    with pytest.raises(DataError) as caught:
        step.pair(STEPS, np.where(STEPS == 4, np.nan, STEPS))
    assert str(caught.value) == (
        "row 4 of the targets: the value is missing. Fill it in or leave the step out beforehand"
    )
    with pytest.raises(DataError, match="^every step of a series needs a target. Received: 12 steps and 11 targets$"):
        step.pair(STEPS, STEPS[1:])


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Window(3, horizon=-1), "horizon must be a whole number of steps, 0 or more. Received: -1"),
        (lambda: Window(3, target=True), "target must be a column's name or number. Received: True"),
        (lambda: Lags([]), "steps must be a list of different whole numbers above 0. Received: []"),
        (lambda: Lags([1, 1]), "steps must be a list of different whole numbers above 0. Received: [1, 1]"),
        (lambda: Lags([1.5]), "steps must be a list of different whole numbers above 0. Received: [1.5]"),
    ],
)
def test_wrong_arguments_are_refused(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == text


def test_no_window_reaches_across_the_cut_and_scaling_learns_from_the_past_alone(tmp_path: Path) -> None:
    path = tmp_path / "series.csv"
    path.write_text("level\n" + "\n".join(str(t) for t in range(40)))
    config = compose(
        [
            "dataset=timeseries",
            f"dataset.path={path}",
            "dataset.target=level",
            "split=time",
            "split.test=10",
            "tracking=none",
            "+pipeline.standardize={}",
            "+pipeline.window={length: 4}",
            "+target_pipeline.standardize={}",
            "+model.layers.flatten={}",
            "+model.layers.output={type: dense, units: 1}",
            "loss=mse",
            "fit.verbose=0",
        ]
    )
    model = run(config, run_dir=tmp_path / "run", console=False).model
    assert model is not None and model.target_pipeline is not None
    for pipeline in (model.pipeline, model.target_pipeline):
        assert np.ravel(pipeline.steps["standardize"].mean_).tolist() == [14.5]  # type: ignore[union-attr]
    past, future = np.arange(30.0)[:, None], np.arange(30.0, 40)[:, None]
    x, y = model.preparation.pair(future, future[:, 0])
    assert len(x) == 6  # the first four steps after the cut are in windows only
    np.testing.assert_allclose(model.target_pipeline.inverse(y), np.arange(34.0, 40))
    assert model.predict(past, verbose=0).shape == (27, 1)


def test_predictions_come_back_in_the_targets_units() -> None:
    series = 100 + 10 * np.sin(np.arange(200) / 5)
    model = Sequential([Flatten(), Dense(1)], seed=0)
    model.pipeline = Pipeline([Standardize(), Window(8)])
    model.target_pipeline = Pipeline([Standardize()])
    model.compile("adam", "mse")
    model.fit(series[:150], series[:150], epochs=60, batch_size=8, verbose=0)
    found = model.predict(series[150:], original_units=True, verbose=0)[:-1, 0]
    assert np.abs(found - series[158:]).max() < 3
