"""top_k_categorical_accuracy: the share of one-hot targets that are among the k likeliest classes."""

from __future__ import annotations

from kexp.backend import Array
from kexp.core.component import positive_int
from kexp.core.metric import MeanMetric, Metric, same_shape
from kexp.hookspecs import hookimpl
from kexp_plugins.metrics.sparse_top_k_categorical_accuracy import in_top_k


class TopKCategoricalAccuracy(MeanMetric):
    """Share of samples whose largest target stands where one of the k largest predictions stands.

    Shapes: y_true (one-hot, or any scores) and y_pred (n, ..., classes). Equal predictions share the better place.
    """

    def __init__(self, k: int = 5, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(name, dtype)
        self.k = positive_int("k", k)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = same_shape(self.name, y_true, y_pred)
        return in_top_k(y_true.argmax(-1), y_pred, self.k)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"top_k_categorical_accuracy": TopKCategoricalAccuracy}
