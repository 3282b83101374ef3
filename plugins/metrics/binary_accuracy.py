"""binary_accuracy: the share of yes/no predictions that are right."""

from __future__ import annotations

from kexp.backend import Array
from kexp.core.component import number
from kexp.core.metric import MeanMetric, Metric, same_shape
from kexp.hookspecs import hookimpl


class BinaryAccuracy(MeanMetric):
    """Share of predictions on their target's side of `threshold`; a prediction of just the threshold counts as 0.

    Shapes: y_true, 0 or 1, and y_pred (n, ..., k); a last axis of length 1 may be missing in either.
    """

    def __init__(self, name: str | None = None, dtype: str | None = None, threshold: float = 0.5) -> None:
        super().__init__(name, dtype)
        self.threshold = number("threshold", threshold)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = same_shape(self.name, y_true, y_pred)
        return (y_pred > self.threshold) == y_true


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"binary_accuracy": BinaryAccuracy}
