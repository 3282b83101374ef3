"""squared_hinge: max(1 - y_true y_pred, 0)², averaged over the last axis."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.loss import Loss
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.hinge import signs


class SquaredHinge(Loss):
    """Mean over the last axis of max(1 - y_true y_pred, 0)².

    Shapes: y_true, -1 or 1, and y_pred (n, ..., k) -> (n, ...). Targets that are all 0 or 1 are taken as -1 and 1.
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        short = np.maximum(1 - signs(y_true) * y_pred, 0)
        return (short * short).mean(-1)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        y = signs(y_true)
        return y * np.maximum(1 - y * y_pred, 0) * (-2 / y_pred.shape[-1])


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"squared_hinge": SquaredHinge}
