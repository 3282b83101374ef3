"""mean_absolute_error: |y_pred - y_true|, averaged."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.metric import MeanMetric, Metric, same_shape
from kexp.hookspecs import hookimpl


class MeanAbsoluteError(MeanMetric):
    """Mean of the absolute differences, in the unit of the targets.

    Shapes: y_true and y_pred (n, ..., k); a last axis of length 1 may be missing in either.
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = same_shape(self.name, y_true, y_pred)
        distance: Array = np.abs(y_pred - y_true)
        return distance


@hookimpl
def kexp_metrics() -> dict[str, type[Metric]]:
    return {"mean_absolute_error": MeanAbsoluteError, "mae": MeanAbsoluteError}
