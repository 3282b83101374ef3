"""mean_squared_error: (y_pred - y_true)², averaged over the last axis."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.loss import Loss
from kexp.hookspecs import hookimpl


class MeanSquaredError(Loss):
    """Mean of the squared differences over the last axis.

    Shapes: y_true and y_pred (n, ..., k) -> (n, ...), in the squared unit of the targets.
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        difference = y_pred - y_true
        squared: Array = np.multiply(difference, difference, out=difference)
        return squared[..., 0] if squared.shape[-1] == 1 else squared.mean(-1)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        difference = y_pred - y_true
        scaled: Array = np.multiply(difference, 2 / y_pred.shape[-1], out=difference)
        return scaled


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"mean_squared_error": MeanSquaredError, "mse": MeanSquaredError}
