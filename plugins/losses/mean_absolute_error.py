"""mean_absolute_error: |y_pred - y_true|, averaged over the last axis."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.loss import Loss
from kexp.hookspecs import hookimpl


class MeanAbsoluteError(Loss):
    """Mean of the absolute differences over the last axis; where there is no difference, the gradient is 0.

    Shapes: y_true and y_pred (n, ..., k) -> (n, ...), in the unit of the targets.
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        difference = y_pred - y_true
        distance: Array = np.abs(difference, out=difference)
        return distance[..., 0] if distance.shape[-1] == 1 else distance.mean(-1)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        difference = y_pred - y_true
        scaled: Array = np.multiply(np.sign(difference, out=difference), 1 / y_pred.shape[-1], out=difference)
        return scaled


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"mean_absolute_error": MeanAbsoluteError, "mae": MeanAbsoluteError}
