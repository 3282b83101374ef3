"""categorical_accuracy: the share of samples whose likeliest class is the target's, for one-hot targets."""

from __future__ import annotations

from kexp.backend import Array
from kexp.core.metric import MeanMetric, Metric, same_shape
from kexp.hookspecs import hookimpl


class CategoricalAccuracy(MeanMetric):
    """Share of samples whose largest prediction stands where the largest target stands.

    Shapes: y_true (one-hot, or any scores) and y_pred (n, ..., k).
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = same_shape(self.name, y_true, y_pred)
        return y_true.argmax(-1) == y_pred.argmax(-1)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"categorical_accuracy": CategoricalAccuracy}
