"""categorical_crossentropy: -sum(y log p) over the classes, for one-hot targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array, settings
from kexp.core.activation import Activation
from kexp.core.component import fraction
from kexp.core.loss import FusedLoss, Loss, row_axis, with_axis_back, with_axis_last
from kexp.errors import DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.activations.softmax import Softmax


class CategoricalCrossentropy(Loss):
    """Cross-entropy of a choice between k classes, in nats, for targets that are distributions (one-hot rows).

    Shapes: y_true and y_pred (n, ..., k) -> (n, ...); the classes may stand along another `axis`.
    `label_smoothing` s: targets become y (1 - s) + s / k, k the length of the last axis, as in Keras. Probabilities
    are divided by their sum and clipped to [eps, 1 - eps] as in Keras; after a softmax in the last layer the exact
    log-softmax of its input is used instead, unless `fused` is False.
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

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y, y_pred = self.smooth(y_true), with_axis_last(y_pred, self.axis)
        if self.from_logits:
            return logit_values(y, y_pred)
        p = np.clip(y_pred / y_pred.sum(-1, keepdims=True), self.epsilon, 1 - self.epsilon)
        return -(y * np.log(p)).sum(-1)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        y, y_pred = self.smooth(y_true), with_axis_last(y_pred, self.axis)
        if self.from_logits:
            return with_axis_back(logit_gradient(y, probabilities(y_pred)), self.axis)
        total = y_pred.sum(-1, keepdims=True)
        q = y_pred / total
        inside = (q >= self.epsilon) & (q <= 1 - self.epsilon)
        dq = np.where(inside, -y / np.clip(q, self.epsilon, 1 - self.epsilon), np.zeros_like(q))
        return with_axis_back((dq - (dq * q).sum(-1, keepdims=True)) / total, self.axis)

    def smooth(self, y: Array) -> Array:
        """The targets after label smoothing, the classes along the last axis."""
        if self.label_smoothing:
            y = y * (1 - self.label_smoothing) + self.label_smoothing / y.shape[-1]
        return with_axis_last(y, self.axis)

    def fused(self, activation: Activation) -> FusedLoss | None:
        if ends_in_softmax(activation, self.axis) and self.may_fuse and not self.from_logits:
            return SoftmaxCrossentropy(self)
        return None

    def prepare(self, y_true: np.ndarray[Any, Any], output_shape: tuple[int | None, ...]) -> np.ndarray[Any, Any]:
        self.check_axis(output_shape)
        check_classes(self.name, output_shape, self.axis)
        return super().prepare(y_true, output_shape)


class SoftmaxCrossentropy(FusedLoss):
    """The loss on what goes into the softmax: -sum(y log softmax(z)), with the gradient p sum(y) - y."""

    def __init__(self, loss: CategoricalCrossentropy) -> None:
        self.loss = loss

    def values(self, y_true: Array, z: Array) -> Array:
        return logit_values(self.loss.smooth(y_true), with_axis_last(z, self.loss.axis))

    def gradient(self, y_true: Array, z: Array, p: Array) -> Array:
        axis = self.loss.axis
        return with_axis_back(logit_gradient(self.loss.smooth(y_true), with_axis_last(p, axis)), axis)


def logit_values(y: Array, z: Array) -> Array:
    """-sum(y log softmax(z)) over the last axis, finite for every finite z."""
    shifted, log_sum = shifted_logits(z)
    return log_sum * y.sum(-1) - (y * shifted).sum(-1)


def logit_gradient(y: Array, p: Array) -> Array:
    """The derivative of `logit_values` by z, given p = softmax(z), which is overwritten."""
    np.multiply(p, y.sum(-1, keepdims=True), out=p)
    dz: Array = np.subtract(p, y, out=p)
    return dz


def shifted_logits(z: Array) -> tuple[Array, Array]:
    """(z less its largest entry, log sum exp of that): the log-softmax is the first less the second."""
    shifted = z - z.max(-1, keepdims=True)
    return shifted, np.log(np.exp(shifted).sum(-1))


def probabilities(z: Array) -> Array:
    """softmax(z) over the last axis."""
    shifted, log_sum = shifted_logits(z)
    p: Array = np.exp(shifted - log_sum[..., None])
    return p


def ends_in_softmax(activation: Activation, axis: int = -1) -> bool:
    """Whether `activation` is a softmax over `axis`."""
    return isinstance(activation, Softmax) and activation.axis == axis


def check_classes(name: str, output_shape: tuple[int | None, ...], axis: int = -1) -> None:
    """Raise DataError for an output of one unit, whose softmax is 1 whatever the model does."""
    if output_shape[axis] == 1:
        raise DataError(
            f"{name} needs an output of at least 2 units, one for each class. Received: 1 unit. "
            "For two classes and one unit use a sigmoid and loss='binary_crossentropy'."
        )


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"categorical_crossentropy": CategoricalCrossentropy}
