"""categorical_crossentropy: -sum(y log p), averaged."""

from __future__ import annotations

from kexp.core.loss_metric import LossMetric
from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.categorical_crossentropy import CategoricalCrossentropy as CategoricalCrossentropyLoss


class CategoricalCrossentropy(LossMetric):
    """Mean cross-entropy of a choice between k classes, in nats.

    Shapes: y_true (one-hot, or distributions) and y_pred (n, ..., k).
    """

    def __init__(
        self,
        name: str | None = None,
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(CategoricalCrossentropyLoss(from_logits, label_smoothing, axis), name, dtype)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"categorical_crossentropy": CategoricalCrossentropy}
