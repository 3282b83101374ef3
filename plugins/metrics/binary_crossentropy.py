"""binary_crossentropy: -y log p - (1 - y) log(1 - p), averaged."""

from __future__ import annotations

from kexp.core.loss_metric import LossMetric
from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.binary_crossentropy import BinaryCrossentropy as BinaryCrossentropyLoss


class BinaryCrossentropy(LossMetric):
    """Mean cross-entropy of independent yes/no predictions, in nats.

    Shapes: y_true and y_pred (n, ..., k); a last axis of length 1 may be missing in either.
    """

    def __init__(
        self, name: str | None = None, dtype: str | None = None, from_logits: bool = False, label_smoothing: float = 0
    ) -> None:
        super().__init__(BinaryCrossentropyLoss(from_logits, label_smoothing), name, dtype)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"binary_crossentropy": BinaryCrossentropy, "bce": BinaryCrossentropy}
