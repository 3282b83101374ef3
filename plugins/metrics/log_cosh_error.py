"""log_cosh_error: log cosh of the difference, averaged."""

from __future__ import annotations

from kexp.core.loss_metric import LossMetric
from kexp.core.metric import Metric
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.log_cosh import LogCosh as LogCoshLoss


class LogCoshError(LossMetric):
    """Mean of log cosh(y_pred - y_true), called 'logcosh' in the logs.

    Shapes: y_true and y_pred (n, ..., k); a last axis of length 1 may be missing in either.
    """

    def __init__(self, name: str | None = "logcosh", dtype: str | None = None) -> None:
        super().__init__(LogCoshLoss(), name, dtype)


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"log_cosh_error": LogCoshError, "logcosh": LogCoshError}
