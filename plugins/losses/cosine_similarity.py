"""cosine_similarity: minus the cosine of the angle between targets and predictions."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array, settings
from kexp.core.loss import Loss, row_axis
from kexp.hookspecs import hookimpl


class CosineSimilarity(Loss):
    """Minus the cosine of the angle between y_true and y_pred along `axis`: -1 for the same direction, 1 for opposite.

    Shapes: y_true and y_pred (n, ..., k) -> the same without `axis`. A vector of zeros is at a right angle to all.
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.axis = row_axis(axis)
        self.epsilon = settings.epsilon()

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return -(self._unit(y_true)[0] * self._unit(y_pred)[0]).sum(self.axis)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        y, (p, scale, free) = self._unit(y_true)[0], self._unit(y_pred)
        return ((y * p).sum(self.axis, keepdims=True) * p * free - y) * scale

    def _unit(self, x: Array) -> tuple[Array, Array, Array]:
        """x / |x|, 1 / |x|, and whether |x| is not as small as epsilon, where 1 / epsilon stands for 1 / |x|."""
        square = (x * x).sum(self.axis, keepdims=True)
        scale = 1 / np.sqrt(np.maximum(square, self.epsilon**2))
        return x * scale, scale, square > self.epsilon**2


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"cosine_similarity": CosineSimilarity}
