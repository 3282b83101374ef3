"""log_cosh: log cosh of the difference, averaged over the last axis."""

from __future__ import annotations

import math

import numpy as np

from kexp.backend import Array
from kexp.core.loss import Loss
from kexp.hookspecs import hookimpl


class LogCosh(Loss):
    """Mean over the last axis of log cosh(e), e = y_pred - y_true: about e² / 2 near 0, |e| - log 2 far off.

    Shapes: y_true and y_pred (n, ..., k) -> (n, ...).
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        distance = np.abs(y_pred - y_true)
        return (distance + np.log1p(np.exp(-2 * distance)) - math.log(2)).mean(-1)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        return np.tanh(y_pred - y_true) * (1 / y_pred.shape[-1])


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"log_cosh": LogCosh}
