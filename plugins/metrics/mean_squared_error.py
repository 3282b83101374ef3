"""mean_squared_error: (y_pred - y_true)², averaged."""

from __future__ import annotations

from kexp.backend import Array
from kexp.core.metric import MeanMetric, Metric, same_shape
from kexp.hookspecs import hookimpl


class MeanSquaredError(MeanMetric):
    """Mean of the squared differences, in the squared unit of the targets.

    Shapes: y_true and y_pred (n, ..., k); a last axis of length 1 may be missing in either.
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = same_shape(self.name, y_true, y_pred)
        difference = y_pred - y_true
        return difference * difference


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"mean_squared_error": MeanSquaredError, "mse": MeanSquaredError}
