"""hinge: max(1 - y_true y_pred, 0), averaged over the last axis."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.loss import Loss
from kexp.hookspecs import hookimpl


class Hinge(Loss):
    """Mean over the last axis of max(1 - y_true y_pred, 0).

    Shapes: y_true, -1 or 1, and y_pred (n, ..., k) -> (n, ...). Targets that are all 0 or 1 are taken as -1 and 1.
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return np.maximum(1 - signs(y_true) * y_pred, 0).mean(-1)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        y = signs(y_true)
        return y * half_step(1 - y * y_pred) * (-1 / y_pred.shape[-1])


def signs(y: Array) -> Array:
    """Targets -1 and 1 as they are, targets 0 and 1 as -1 and 1."""
    return np.where(((y == 0) | (y == 1)).all(), 2 * y - 1, y)


def half_step(x: Array) -> Array:
    """The slope of max(x, 0): 0 below 0, 1 above, 1/2 at 0 itself, as in Keras on JAX."""
    return 0.5 * (np.sign(x) + 1)


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"hinge": Hinge}
