"""binary_focal_crossentropy: binary cross-entropy that counts easy samples less."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array, settings
from kexp.core.component import fraction, number
from kexp.core.loss import Loss, row_axis
from kexp.hookspecs import hookimpl
from kexp_plugins.activations.sigmoid import Sigmoid


class BinaryFocalCrossentropy(Loss):
    """Mean over `axis` of (1 - p_t)^gamma times the binary cross-entropy, p_t the chance given to the truth.

    Shapes: y_true in [0, 1] and y_pred (n, ..., k) -> (n, ...), in nats.
    `apply_class_balancing`: targets of 1 count alpha, those of 0 count 1 - alpha.
    Source: Lin et al. 2018, equations 4 and 5.
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
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
        self.apply_class_balancing = apply_class_balancing
        self.alpha = number("alpha", alpha, least=0)
        self.gamma = number("gamma", gamma, least=0)
        self.from_logits = from_logits
        self.label_smoothing = fraction("label_smoothing", label_smoothing, or_one=True)
        self.axis = row_axis(axis)
        self.epsilon = settings.epsilon()

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y, p = self._targets(y_true), self._chances(y_pred)
        return (self._balance(y) * self._missed(y, p) ** self.gamma * self._entropy(y, p)).mean(self.axis)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        y, p = self._targets(y_true), self._chances(y_pred)
        missed, clipped = self._missed(y, p), np.clip(p, self.epsilon, 1 - self.epsilon)
        inside = (p >= self.epsilon) & (p <= 1 - self.epsilon)
        dp = missed**self.gamma * (clipped - y) / (clipped * (1 - clipped)) * inside
        if self.gamma:
            dp = dp - self.gamma * missed ** (self.gamma - 1) * (2 * y - 1) * self._entropy(y, p)
        if self.from_logits:
            dp = dp * p * (1 - p)
        return self._balance(y) * dp * (1 / p.shape[self.axis])

    def _targets(self, y: Array) -> Array:
        return y * (1 - self.label_smoothing) + 0.5 * self.label_smoothing if self.label_smoothing else y

    def _chances(self, y_pred: Array) -> Array:
        p: Array = Sigmoid()(y_pred) if self.from_logits else y_pred
        return p

    def _missed(self, y: Array, p: Array) -> Array:
        """1 - p_t, the chance not given to the truth."""
        return 1 - (y * p + (1 - y) * (1 - p))

    def _entropy(self, y: Array, p: Array) -> Array:
        p = np.clip(p, self.epsilon, 1 - self.epsilon)
        return -(y * np.log(p) + (1 - y) * np.log(1 - p))

    def _balance(self, y: Array) -> Array | float:
        return y * self.alpha + (1 - y) * (1 - self.alpha) if self.apply_class_balancing else 1.0


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"binary_focal_crossentropy": BinaryFocalCrossentropy}
