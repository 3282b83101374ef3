"""Metrics as plain functions, functions as metrics, and whole sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp import metrics
from kexp.layers import Dense
from kexp.models import Sequential

Y, P = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]), np.array([[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]])


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lambda: metrics.binary_accuracy([[1], [1], [0], [0]], [[0.98], [1], [0], [0.6]], 0.7), [[1], [1], [1], [1]]),
        (lambda: metrics.categorical_accuracy(Y, P), [0, 1]),
        (lambda: metrics.sparse_categorical_accuracy([[2], [1]], P), [0, 1]),
        (lambda: metrics.top_k_categorical_accuracy(Y, P, 2), [1, 1]),
        (lambda: metrics.sparse_top_k_categorical_accuracy([2, 1], P, k=1), [0, 1]),
        (lambda: metrics.accuracy([1.0, 2.0], [1.0, 3.0]), [1, 0]),
        (lambda: metrics.MSE([[1.0, 3.0]], [[1.0, 1.0]]), [2]),
    ],
)
def test_functions_give_a_number_a_sample(found: Any, expected: Any) -> None:
    values = found()
    assert values.dtype == "float32"
    np.testing.assert_array_equal(values, expected)


def largest_error(y_true: Any, y_pred: Any) -> Any:
    return np.abs(y_true - y_pred).max()


def test_functions_are_logged_by_name_and_those_of_a_batch_are_averaged_over_batches() -> None:
    model = Sequential([Dense(1, kernel_initializer="ones", input_shape=(1,))])
    model.compile("sgd", "mse", metrics=[metrics.binary_accuracy, metrics.mae, largest_error])
    x = np.arange(5.0)[:, None]
    logs = model.evaluate(x, np.zeros((5, 1)), batch_size=2, verbose=0, return_dict=True)
    assert list(logs) == ["loss", "binary_accuracy", "mean_absolute_error", "largest_error"]
    assert logs["largest_error"] == pytest.approx((1 + 3 + 4) / 3)
    model.optimizer.learning_rate = 0.0
    history = model.fit(x, np.zeros((5, 1)), batch_size=2, shuffle=False, verbose=0).history
    assert history["largest_error"][0] == pytest.approx((1 + 3 + 4) / 3)


def test_a_sequence_is_right_if_all_its_steps_are() -> None:
    p = np.eye(3)[[[0, 1], [2, 2], [1, 0]]]
    metric = metrics.SequenceAccuracy()
    assert metric([[0, 1], [2, 1], [1, 0]], p) == pytest.approx(2 / 3)
    metric.reset_state()
    assert metric(np.eye(3)[[[0, 1], [2, 1], [1, 0]]], p, np.array([1.0, 1.0, 2.0])) == pytest.approx(3 / 4)
    metric.reset_state()
    mask = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    assert metric([[0, 0], [2, 1], [0, 0]], p, mask) == pytest.approx(1 / 2)
