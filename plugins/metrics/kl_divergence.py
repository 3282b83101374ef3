"""kl_divergence: sum(y_true log(y_true / y_pred)), averaged."""

from __future__ import annotations

from kexp.core.loss_metric import LossMetric
from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.kl_divergence import KLDivergence as KLDivergenceLoss


class KLDivergence(LossMetric):
    """Mean over the samples of the Kullback-Leibler divergence of y_pred from y_true, in nats.

    Shapes: y_true and y_pred, distributions, (n, ..., k).
    """

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(KLDivergenceLoss(), name, dtype)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"kl_divergence": KLDivergence, "kld": KLDivergence}
