"""huber: squared where the difference is small, absolute where it is large, averaged over the last axis."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.component import number
from kexp.core.loss import Loss
from kexp.hookspecs import hookimpl


class Huber(Loss):
    """Mean over the last axis of e² / 2 where |e| <= delta, and of delta |e| - delta² / 2 beyond, e = y_pred - y_true.

    Shapes: y_true and y_pred (n, ..., k) -> (n, ...); `delta` in the unit of the targets.
    Source: Huber 1964.
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: str | None = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.delta = number("delta", delta, least=0)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        distance = np.abs(y_pred - y_true)
        inside = np.minimum(distance, self.delta)
        return (inside * (distance - 0.5 * inside)).mean(-1)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        return np.clip(y_pred - y_true, -self.delta, self.delta) * (1 / y_pred.shape[-1])


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"huber": Huber, "huber_loss": Huber}
