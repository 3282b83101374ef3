"""kl_divergence: sum(y_true log(y_true / y_pred)) over the last axis."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array, settings
from kexp.core.loss import Loss
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.hinge import half_step


class KLDivergence(Loss):
    """The Kullback-Leibler divergence of y_pred from y_true, in nats, over the last axis.

    Shapes: y_true and y_pred, distributions, (n, ..., k) -> (n, ...). Both are clipped to [epsilon, 1].
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.epsilon = settings.epsilon()

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y = np.clip(y_true, self.epsilon, 1)
        return (y * np.log(y / np.clip(y_pred, self.epsilon, 1))).sum(-1)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        inside = half_step(y_pred - self.epsilon) * half_step(1 - y_pred)
        return -np.clip(y_true, self.epsilon, 1) / np.clip(y_pred, self.epsilon, 1) * inside


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"kl_divergence": KLDivergence, "kld": KLDivergence}
