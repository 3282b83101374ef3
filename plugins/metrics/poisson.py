"""poisson: y_pred - y_true log(y_pred), averaged."""

from __future__ import annotations

from kexp.core.loss_metric import LossMetric
from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.poisson import Poisson as PoissonLoss


class Poisson(LossMetric):
    """Mean of y_pred - y_true log(y_pred), for counts and the rates that were expected.

    Shapes: y_true and y_pred (n, ..., k); a last axis of length 1 may be missing in either.
    """

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(PoissonLoss(), name, dtype)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"poisson": Poisson}
