"""mean_squared_logarithmic_error: (log(1 + y_pred) - log(1 + y_true))², averaged over the last axis."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array, settings
from kexp.core.loss import Loss
from kexp.hookspecs import hookimpl


class MeanSquaredLogarithmicError(Loss):
    """Mean over the last axis of the squared differences of log(1 + y).

    Shapes: y_true and y_pred (n, ..., k) -> (n, ...). What lies below epsilon counts as epsilon: negative
    predictions have no gradient.
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.epsilon = settings.epsilon()

    def values(self, y_true: Array, y_pred: Array) -> Array:
        difference = self._log(y_pred) - self._log(y_true)
        return (difference * difference).mean(-1)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        slope = (y_pred > self.epsilon) / (np.maximum(y_pred, self.epsilon) + 1)
        return (self._log(y_pred) - self._log(y_true)) * slope * (2 / y_pred.shape[-1])

    def _log(self, y: Array) -> Array:
        return np.log(np.maximum(y, self.epsilon) + 1)


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"mean_squared_logarithmic_error": MeanSquaredLogarithmicError, "msle": MeanSquaredLogarithmicError}
