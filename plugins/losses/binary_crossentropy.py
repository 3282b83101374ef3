"""binary_crossentropy: -y log p - (1 - y) log(1 - p), averaged over one axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array, settings
from kexp.core.activation import Activation
from kexp.core.component import fraction
from kexp.core.loss import FusedLoss, Loss, row_axis
from kexp.errors import DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.activations.sigmoid import Sigmoid


class BinaryCrossentropy(Loss):
    """Cross-entropy of independent yes/no predictions, in nats, mean over `axis`.

    Shapes: y_true in [0, 1] and y_pred (n, ..., k) -> (n, ...).
    Raises: DataError where a target is no number in [0, 1].
    `label_smoothing` s: targets become y (1 - s) + s / 2. Probabilities are clipped to [eps, 1 - eps] as in Keras;
    after a sigmoid in the last layer the exact form on its input is used instead, unless `fused` is False.
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
        fused: bool = True,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.from_logits = from_logits
        self.label_smoothing = fraction("label_smoothing", label_smoothing, or_one=True)
        self.axis = row_axis(axis)
        self.may_fuse = fused
        self.epsilon = settings.epsilon()

    def prepare(self, y_true: np.ndarray[Any, Any], output_shape: tuple[int | None, ...]) -> np.ndarray[Any, Any]:
        y = super().prepare(y_true, output_shape)
        if y.size and not 0 <= y.min() <= y.max() <= 1:
            at = tuple(int(i) for i in np.argwhere(~((y >= 0) & (y <= 1)))[0])
            raise DataError(
                f"{self.name}: targets must lie in [0, 1]. Received {y[at].item()!r} in row {at[0]}. Two classes that "
                "are called otherwise need a target pipeline with label_encode; more than two classes need softmax and "
                "sparse_categorical_crossentropy"
            )
        return y

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y = self.smooth(y_true)
        if self.from_logits:
            return logit_values(y, y_pred).mean(self.axis)
        p = np.clip(y_pred, self.epsilon, 1 - self.epsilon)
        return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(self.axis)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        y = self.smooth(y_true)
        if self.from_logits:
            return (Sigmoid()(y_pred) - y) / y_pred.shape[self.axis]
        p = np.clip(y_pred, self.epsilon, 1 - self.epsilon)
        inside = (y_pred >= self.epsilon) & (y_pred <= 1 - self.epsilon)
        return (p - y) / (p * (1 - p)) * (inside / y_pred.dtype.type(y_pred.shape[self.axis]))

    def smooth(self, y: Array) -> Array:
        """The targets after label smoothing."""
        return y * (1 - self.label_smoothing) + 0.5 * self.label_smoothing if self.label_smoothing else y

    def fused(self, activation: Activation) -> FusedLoss | None:
        if isinstance(activation, Sigmoid) and self.may_fuse and not self.from_logits:
            return SigmoidCrossentropy(self)
        return None


class SigmoidCrossentropy(FusedLoss):
    """The loss on what goes into the sigmoid: log(1 + exp(z)) - y z, with the gradient p - y."""

    def __init__(self, loss: BinaryCrossentropy) -> None:
        self.loss = loss

    def values(self, y_true: Array, z: Array) -> Array:
        values = logit_values(self.loss.smooth(y_true), z)
        axis = self.loss.axis
        return values[..., 0] if axis == -1 and z.shape[-1] == 1 else values.mean(axis)

    def gradient(self, y_true: Array, z: Array, p: Array) -> Array:
        dz: Array = np.subtract(p, self.loss.smooth(y_true) if self.loss.label_smoothing else y_true, p)
        k = p.shape[self.loss.axis]
        return dz if k == 1 else np.multiply(dz, 1 / k, out=dz)


def logit_values(y: Array, z: Array) -> Array:
    """log(1 + exp(z)) - y z for each element, finite for every finite z."""
    return np.logaddexp(0, z) - y * z


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"binary_crossentropy": BinaryCrossentropy, "bce": BinaryCrossentropy}
