"""sparse_categorical_accuracy: the share of samples whose likeliest class is the target, for class numbers."""

from __future__ import annotations

from kexp.backend import Array
from kexp.core.metric import MeanMetric, Metric, misfit
from kexp.hookspecs import hookimpl


class SparseCategoricalAccuracy(MeanMetric):
    """Share of samples whose largest prediction stands at the place that the target names.

    Shapes: y_true (n, ...) or (n, ..., 1), class numbers; y_pred (n, ..., k).
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        labels = y_true[..., 0] if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1 else y_true
        if labels.shape != y_pred.shape[:-1]:
            raise misfit(self.name, y_true, y_pred)
        return labels == y_pred.argmax(-1)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"sparse_categorical_accuracy": SparseCategoricalAccuracy}
