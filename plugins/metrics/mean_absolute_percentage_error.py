"""mean_absolute_percentage_error: 100 |y_pred - y_true| / |y_true|, averaged."""

from __future__ import annotations

from kexp.core.loss_metric import LossMetric
from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.mean_absolute_percentage_error import (
    MeanAbsolutePercentageError as MeanAbsolutePercentageErrorLoss,
)


class MeanAbsolutePercentageError(LossMetric):
    """Mean of the absolute differences in percent of the targets.

    Shapes: y_true and y_pred (n, ..., k); a last axis of length 1 may be missing in either.
    """

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(MeanAbsolutePercentageErrorLoss(), name, dtype)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"mean_absolute_percentage_error": MeanAbsolutePercentageError, "mape": MeanAbsolutePercentageError}
