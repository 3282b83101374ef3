"""mean_absolute_percentage_error: 100 |y_pred - y_true| / |y_true|, averaged over the last axis."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array, settings
from kexp.core.loss import Loss
from kexp.hookspecs import hookimpl


class MeanAbsolutePercentageError(Loss):
    """Mean over the last axis of the absolute differences, in percent of the targets.

    Shapes: y_true and y_pred (n, ..., k) -> (n, ...). Targets nearer to 0 than epsilon count as epsilon, so that a
    target of 0 makes the loss huge.
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.epsilon = settings.epsilon()

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return 100 * np.abs((y_true - y_pred) / self._size(y_true)).mean(-1)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        return np.sign(y_pred - y_true) * (100 / y_pred.shape[-1]) / self._size(y_true)

    def _size(self, y: Array) -> Array:
        return np.maximum(np.abs(y), self.epsilon)


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"mean_absolute_percentage_error": MeanAbsolutePercentageError, "mape": MeanAbsolutePercentageError}
