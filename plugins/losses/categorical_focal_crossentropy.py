"""categorical_focal_crossentropy: categorical cross-entropy that counts easy samples less."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array, settings
from kexp.core.component import fraction, number
from kexp.core.loss import Loss, row_axis, with_axis_back, with_axis_last
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.categorical_crossentropy import check_classes, probabilities


class CategoricalFocalCrossentropy(Loss):
    """-sum(alpha (1 - p)^gamma y log p) over the classes: cross-entropy that counts easy samples less.

    Shapes: y_true (one-hot, or distributions) and y_pred (n, ..., k) -> (n, ...), in nats; the classes may stand
    along another `axis`. Probabilities are divided
    by their sum and clipped to [epsilon, 1 - epsilon].
    Source: Lin et al. 2018, equation 5, for k classes.
    """

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.alpha = number("alpha", alpha, least=0)
        self.gamma = number("gamma", gamma, least=0)
        self.from_logits = from_logits
        self.label_smoothing = fraction("label_smoothing", label_smoothing, or_one=True)
        self.axis = row_axis(axis)
        self.epsilon = settings.epsilon()

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y, q = self._targets(y_true), np.clip(self._shares(y_pred)[0], self.epsilon, 1 - self.epsilon)
        return -self.alpha * ((1 - q) ** self.gamma * y * np.log(q)).sum(-1)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        y, (share, total) = self._targets(y_true), self._shares(y_pred)
        q = np.clip(share, self.epsilon, 1 - self.epsilon)
        dq = -((1 - q) ** self.gamma) / q
        if self.gamma:
            dq = dq + self.gamma * (1 - q) ** (self.gamma - 1) * np.log(q)
        dq = dq * (self.alpha * y * ((share >= self.epsilon) & (share <= 1 - self.epsilon)))
        dp = (dq - (dq * share).sum(-1, keepdims=True)) / total
        dz = share * (dp - (dp * share).sum(-1, keepdims=True)) if self.from_logits else dp
        return with_axis_back(dz, self.axis)

    def prepare(self, y_true: np.ndarray[Any, Any], output_shape: tuple[int | None, ...]) -> np.ndarray[Any, Any]:
        self.check_axis(output_shape)
        check_classes(self.name, output_shape, self.axis)
        return super().prepare(y_true, output_shape)

    def _targets(self, y: Array) -> Array:
        if self.label_smoothing:
            y = y * (1 - self.label_smoothing) + self.label_smoothing / y.shape[-1]
        return with_axis_last(y, self.axis)

    def _shares(self, y_pred: Array) -> tuple[Array, Array]:
        """Probabilities that add up to 1 along the last axis, and the sum they were divided by."""
        y_pred = with_axis_last(y_pred, self.axis)
        p = probabilities(y_pred) if self.from_logits else y_pred
        total = p.sum(-1, keepdims=True)
        return p / total, total


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"categorical_focal_crossentropy": CategoricalFocalCrossentropy}
