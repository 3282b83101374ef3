"""The metrics against Keras (tests/fixtures/metrics.npz), their names, their state, and shapes that do not fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp.core.component import resolve
from kexp.errors import ShapeError
from kexp.metrics import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    FunctionMetric,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalAccuracy,
)
from kexp.testing.metric import check_metric

FIXTURE = np.load(Path(__file__).parents[1] / "fixtures" / "metrics.npz")
CASES = json.loads(str(FIXTURE["cases"]))
SHAPES = json.loads(str(FIXTURE["shapes"]))
MADE = [Accuracy, BinaryAccuracy, CategoricalAccuracy, MeanAbsoluteError, MeanSquaredError]


def batches(index: int) -> list[tuple[Any, Any, Any]]:
    """Targets, predictions and weights of each batch."""
    _, _, y, p = CASES[index]
    ends = np.cumsum(FIXTURE["batches"])[:-1]
    parts = [np.split(FIXTURE[key], ends) for key in (y, p, "weights")]
    return list(zip(*parts, strict=True))


@pytest.mark.parametrize("index", range(len(CASES)), ids=lambda i: f"{CASES[i][0]} of {CASES[i][2]}, {CASES[i][1]}")
def test_metrics_are_those_of_keras_after_every_batch(index: int) -> None:
    plain, weighted = (resolve("metric", {"type": CASES[index][0], **CASES[index][1]}) for _ in range(2))
    for batch, (y, p, weight) in enumerate(batches(index)):
        plain.update_state(y, p.astype(np.float32))
        weighted.update_state(y, p.astype(np.float32), weight)
        np.testing.assert_allclose(plain.result(), FIXTURE[f"{index}_plain"][batch], rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(weighted.result(), FIXTURE[f"{index}_weighted"][batch], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("y", "p", "expected"), SHAPES)
def test_accuracy_becomes_the_metric_that_keras_chooses(y: list[int], p: list[int], expected: str) -> None:
    chosen = Accuracy(name="acc").for_shapes(tuple(y), (None, *p[1:]))
    assert type(chosen).__name__ == expected
    assert chosen.name == "acc"


@pytest.mark.parametrize("make", MADE)
def test_metrics_keep_the_contract(make: Any) -> None:
    check_metric(make)


def test_metrics_of_class_numbers_keep_the_contract() -> None:
    def labelled(rng: np.random.Generator) -> tuple[Any, Any]:
        return rng.integers(0, 4, 12), rng.uniform(0, 1, (12, 4))

    check_metric(SparseCategoricalAccuracy, inputs=labelled)


@pytest.mark.parametrize(
    ("name", "cls"),
    [("acc", Accuracy), ("accuracy", Accuracy), ("mse", MeanSquaredError), ("mae", MeanAbsoluteError)],
)
def test_short_names_are_known(name: str, cls: Any) -> None:
    assert type(resolve("metric", name)) is cls


def test_a_metric_is_called_by_its_registered_name_unless_it_is_given_one() -> None:
    assert MeanSquaredError().name == "mean_squared_error"
    assert MeanSquaredError(name="mse").name == "mse"


def test_a_prediction_of_just_the_threshold_counts_as_0() -> None:
    metric = BinaryAccuracy()
    metric.update_state(np.array([[0.0], [1.0]]), np.array([[0.5], [0.5]]))
    assert metric.result() == 0.5


def test_nothing_is_0_and_an_empty_batch_changes_nothing() -> None:
    metric = MeanSquaredError()
    assert metric.result() == 0.0
    metric.update_state(np.ones((2, 1)), np.zeros((2, 1)))
    metric.update_state(np.ones((0, 1)), np.zeros((0, 1)))
    assert metric.result() == 1.0


def test_samples_count_equally_however_many_values_they_have() -> None:
    metric = MeanAbsoluteError()
    metric.update_state(np.zeros((1, 9)), np.ones((1, 9)))
    metric.update_state(np.zeros((1, 1)), np.zeros((1, 1)))
    assert metric.result() == 0.5


def test_bytes_do_not_wrap_around() -> None:
    metric = MeanAbsoluteError()
    metric.update_state(np.array([[200]], np.uint8), np.array([[1]], np.uint8))
    assert metric.result() == 199.0


def test_lists_are_taken_and_a_call_returns_the_running_value() -> None:
    metric = SparseCategoricalAccuracy()
    assert metric([[2], [1]], [[0.1, 0.6, 0.3], [0.05, 0.95, 0]]) == 0.5
    assert metric([1, 1], [[0, 1, 0], [0, 1, 0]], [1.0, 1.0]) == 0.75


def test_a_saved_state_goes_on_where_it_was() -> None:
    metric, again = BinaryAccuracy(), BinaryAccuracy()
    metric.update_state(np.ones((3, 1)), np.array([[0.9], [0.9], [0.1]]))
    again.set_state(metric.get_state())
    assert again.get_state() == {"total": 2.0, "count": 3}
    for one in (metric, again):
        one.update_state(np.ones((1, 1)), np.zeros((1, 1)))
    assert again.result() == metric.result() == 0.5


def test_a_function_is_averaged_over_the_samples() -> None:
    def distance(y_true: Any, y_pred: Any) -> Any:
        return np.abs(y_true - y_pred)[:, 0]

    metric = FunctionMetric(distance)
    metric.update_state(np.zeros((2, 1)), np.array([[1.0], [3.0]]))
    assert (metric.name, metric.result()) == ("distance", 2.0)


def test_a_function_of_one_number_a_batch_is_averaged_over_the_batches() -> None:
    metric = FunctionMetric(lambda y_true, y_pred: y_pred.max(), name="highest")
    metric.update_state(np.zeros((3, 1)), np.array([[1.0], [3.0], [2.0]]))
    metric.update_state(np.zeros((1, 1)), np.array([[1.0]]))
    assert metric.result() == 2.0


@pytest.mark.parametrize("make", [MeanSquaredError, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy])
def test_shapes_that_would_broadcast_are_refused(make: Any) -> None:
    metric = make()
    with pytest.raises(ShapeError) as caught:
        metric.update_state(np.zeros((3, 2)), np.zeros((3, 4)))
    assert str(caught.value) == (
        f"metric {metric.name!r}: targets of shape (3, 2) do not fit predictions of shape (3, 4)"
    )
