"""sparse_top_k_categorical_accuracy: the share of samples whose target is among the k likeliest classes."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.component import positive_int
from kexp.core.metric import MeanMetric, Metric, misfit
from kexp.hookspecs import hookimpl


class SparseTopKCategoricalAccuracy(MeanMetric):
    """Share of samples whose target, a class number, is the place of one of the k largest predictions.

    Shapes: y_true (n, ...) or (n, ..., 1), class numbers; y_pred (n, ..., classes). Equal predictions share the
    better place. `from_sorted_ids`: y_pred holds class numbers, the likeliest first, instead of scores.
    """

    def __init__(
        self, k: int = 5, name: str | None = None, dtype: str | None = None, from_sorted_ids: bool = False
    ) -> None:
        super().__init__(name, dtype)
        self.k = positive_int("k", k)
        self.from_sorted_ids = from_sorted_ids

    def values(self, y_true: Array, y_pred: Array) -> Array:
        labels = y_true[..., 0] if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1 else y_true
        if labels.shape != y_pred.shape[:-1]:
            raise misfit(self.name, y_true, y_pred)
        if self.from_sorted_ids:
            return (labels[..., None] == y_pred[..., : self.k]).any(-1)
        return in_top_k(labels, y_pred, self.k)


def in_top_k(labels: Array, scores: Array, k: int) -> Array:
    """Whether fewer than k scores are above the label's, for labels (n, ...) and scores (n, ..., classes)."""
    own = np.take_along_axis(scores, labels.astype(np.int64)[..., None], axis=-1)
    own = np.where(own == own, own, np.full_like(own, -np.inf))
    return (scores > own).sum(-1) < k


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"sparse_top_k_categorical_accuracy": SparseTopKCategoricalAccuracy}
