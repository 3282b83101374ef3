"""squared_hinge: max(1 - y_true y_pred, 0)², averaged."""

from __future__ import annotations

from kexp.core.loss_metric import LossMetric
from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.squared_hinge import SquaredHinge as SquaredHingeLoss


class SquaredHinge(LossMetric):
    """Mean of max(1 - y_true y_pred, 0)², targets -1 and 1, or 0 and 1.

    Shapes: y_true and y_pred (n, ..., k); a last axis of length 1 may be missing in either.
    """

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(SquaredHingeLoss(), name, dtype)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"squared_hinge": SquaredHinge}
