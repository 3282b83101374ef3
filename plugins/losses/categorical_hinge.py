"""categorical_hinge: by how much the best wrong class comes near the right one."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.loss import Loss
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.hinge import half_step


class CategoricalHinge(Loss):
    """max(max((1 - y_true) y_pred) - sum(y_true y_pred) + 1, 0), both over the last axis.

    Shapes: y_true (one-hot) and y_pred (n, ..., k) -> (n, ...).
    """

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return np.maximum(self._short(y_true, y_pred), 0)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        wrong = (1 - y_true) * y_pred
        largest = (wrong == wrong.max(-1, keepdims=True)).astype(y_pred.dtype)
        largest /= largest.sum(-1, keepdims=True)
        return half_step(self._short(y_true, y_pred))[..., None] * ((1 - y_true) * largest - y_true)

    def _short(self, y: Array, p: Array) -> Array:
        return ((1 - y) * p).max(-1) - (y * p).sum(-1) + 1


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"categorical_hinge": CategoricalHinge}
