"""root_mean_squared_error: the root of the mean of (y_pred - y_true)²."""

from __future__ import annotations

import math

from kexp.backend import Array
from kexp.core.metric import MeanMetric, Metric, same_shape
from kexp.hookspecs import hookimpl


class RootMeanSquaredError(MeanMetric):
    """Root of the mean of the squared differences, in the unit of the targets.

    Shapes: y_true and y_pred (n, ..., k); a last axis of length 1 may be missing in either.
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = same_shape(self.name, y_true, y_pred)
        difference = y_pred - y_true
        return difference * difference

    def result(self) -> float:
        return math.sqrt(super().result())


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"root_mean_squared_error": RootMeanSquaredError, "rmse": RootMeanSquaredError}
