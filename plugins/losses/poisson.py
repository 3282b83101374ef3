"""poisson: y_pred - y_true log(y_pred), averaged over the last axis."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array, settings
from kexp.core.loss import Loss
from kexp.hookspecs import hookimpl


class Poisson(Loss):
    """Mean over the last axis of y_pred - y_true log(y_pred + epsilon): how unlikely counts are, but for a constant.

    Shapes: y_true (counts) and y_pred (the rates expected, above 0) (n, ..., k) -> (n, ...).
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.epsilon = settings.epsilon()

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return (y_pred - y_true * np.log(y_pred + self.epsilon)).mean(-1)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        return (1 - y_true / (y_pred + self.epsilon)) * (1 / y_pred.shape[-1])


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"poisson": Poisson}
