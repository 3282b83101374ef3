"""cosine_similarity: the cosine of the angle between targets and predictions, averaged."""

from __future__ import annotations

from kexp.backend import Array
from kexp.core.loss_metric import LossMetric
from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.cosine_similarity import CosineSimilarity as CosineSimilarityLoss


class CosineSimilarity(LossMetric):
    """Mean cosine of the angle between y_true and y_pred along `axis`: 1 for one direction, -1 for opposite ones.

    Shapes: y_true and y_pred (n, ..., k); a last axis of length 1 may be missing in either.
    """

    def __init__(self, name: str | None = None, dtype: str | None = None, axis: int = -1) -> None:
        super().__init__(CosineSimilarityLoss(axis), name, dtype)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return -super().values(y_true, y_pred)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"cosine_similarity": CosineSimilarity}
