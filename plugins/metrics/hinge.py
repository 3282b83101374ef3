"""hinge: max(1 - y_true y_pred, 0), averaged."""

from __future__ import annotations

from kexp.core.loss_metric import LossMetric
from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.hinge import Hinge as HingeLoss


class Hinge(LossMetric):
    """Mean of max(1 - y_true y_pred, 0), targets -1 and 1, or 0 and 1.

    Shapes: y_true and y_pred (n, ..., k); a last axis of length 1 may be missing in either.
    """

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(HingeLoss(), name, dtype)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"hinge": Hinge}
