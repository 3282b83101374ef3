"""sparse_categorical_crossentropy: -log p[label], for class numbers."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array, settings
from kexp.core.activation import Activation
from kexp.core.loss import FusedLoss, Loss, row_axis, with_axis_back, with_axis_last
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.losses.categorical_crossentropy import (
    check_classes,
    ends_in_softmax,
    probabilities,
    shifted_logits,
)


class SparseCategoricalCrossentropy(Loss):
    """Cross-entropy of a choice between k classes, in nats, for targets that are class numbers 0..k-1.

    Shapes: y_true (n, ...) or (n, ..., 1), whole numbers, and y_pred (n, ..., k) -> (n, ...); the classes may stand
    along another `axis`.
    Rows labelled `ignore_class` lose nothing, and the others are scaled so that the batch's mean is the mean over
    them. Probabilities are treated as in categorical_crossentropy, `fused` included.
    """

    takes_labels: ClassVar[bool] = True

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = None,
        dtype: str | None = None,
        fused: bool = True,
    ) -> None:
        super().__init__(reduction, name, dtype)
        if isinstance(ignore_class, bool) or not isinstance(ignore_class, int | None):
            raise ArgumentError(f"ignore_class must be an int or None. Received: {ignore_class!r}")
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = row_axis(axis)
        self.may_fuse = fused
        self.epsilon = settings.epsilon()
        self.depends_on_batch = ignore_class is not None

    def counted(self, y_true: Array) -> Array | None:
        return None if self.ignore_class is None else y_true != self.ignore_class

    def values(self, y_true: Array, y_pred: Array) -> Array:
        if self.from_logits:
            return self.logit_values(y_true, y_pred)
        y_pred = with_axis_last(y_pred, self.axis)
        rows, labels, flat, weight = self._picked(y_true, y_pred)
        p = np.clip(flat[rows, labels] / flat.sum(-1), self.epsilon, 1 - self.epsilon)
        return _weighted(-np.log(p), weight).reshape(y_pred.shape[:-1])

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        if self.from_logits:
            p = probabilities(with_axis_last(y_pred, self.axis))
            return self.logit_gradient(y_true, with_axis_back(p, self.axis))
        y_pred = with_axis_last(y_pred, self.axis)
        rows, labels, flat, weight = self._picked(y_true, y_pred)
        total = flat.sum(-1)
        q = flat[rows, labels] / total
        inside = (q >= self.epsilon) & (q <= 1 - self.epsilon)
        dtotal = _weighted(inside / total, weight)
        d = np.zeros_like(flat) + dtotal[:, None]
        d[rows, labels] -= dtotal / np.clip(q, self.epsilon, 1 - self.epsilon)
        return with_axis_back(d.reshape(y_pred.shape), self.axis)

    def logit_values(self, y_true: Array, z: Array) -> Array:
        """-log softmax(z)[label], finite for every finite z."""
        z = with_axis_last(z, self.axis)
        rows, labels, flat, weight = self._picked(y_true, z)
        shifted, log_sum = shifted_logits(flat)
        return _weighted(log_sum - shifted[rows, labels], weight).reshape(z.shape[:-1])

    def logit_gradient(self, y_true: Array, p: Array) -> Array:
        """The derivative of `logit_values` by z, given p = softmax(z), which may be overwritten."""
        p = with_axis_last(p, self.axis)
        rows, labels, flat, weight = self._picked(y_true, p)
        flat[rows, labels] -= 1
        if weight is not None:
            np.multiply(flat, weight[:, None], out=flat)
        return with_axis_back(flat.reshape(p.shape), self.axis)

    def fused(self, activation: Activation) -> FusedLoss | None:
        if ends_in_softmax(activation, self.axis) and self.may_fuse and not self.from_logits:
            return SparseSoftmaxCrossentropy(self)
        return None

    def prepare(self, y_true: np.ndarray[Any, Any], output_shape: tuple[int | None, ...]) -> np.ndarray[Any, Any]:
        """The labels (n, ...) as whole numbers.

        Raises: DataError if the shapes do not fit, or for the first label that is no class of the output.
        """
        self.check_axis(output_shape)
        check_classes(self.name, output_shape, self.axis)
        if self.axis != -1:
            axis = self.axis % len(output_shape)
            output_shape = (*output_shape[:axis], *output_shape[axis + 1 :], output_shape[axis])
        y = np.asarray(y_true)
        if y.ndim == len(output_shape) and y.shape[-1] == 1:
            y = y[..., 0]
        want = output_shape[1:-1]
        if y.ndim != len(want) + 1 or any(w is not None and w != g for w, g in zip(want, y.shape[1:], strict=True)):
            raise DataError(self._misfit(y_true, output_shape))
        return self._checked(y, output_shape[-1])

    def _checked(self, y: np.ndarray[Any, Any], k: int | None) -> np.ndarray[Any, Any]:
        good = y >= 0
        if k is not None:
            good &= y < k
        if y.dtype.kind == "f":
            good &= y == np.floor(y)
        if self.ignore_class is not None:
            good |= y == self.ignore_class
        if not good.all():
            raise DataError(self._bad_label(y, good, k))
        return y if y.dtype.kind in "iu" else y.astype(np.int64)

    def _bad_label(self, y: np.ndarray[Any, Any], good: np.ndarray[Any, Any], k: int | None) -> str:
        at = tuple(int(i) for i in np.argwhere(~good)[0])
        allowed = f"0 to {k - 1}, as the output has {k} units" if k is not None else "0 or more"
        text = f"{self.name}: labels must be whole numbers from {allowed}. "
        text += f"Received {y[at].item()!r} in row {at[0]}" + (f", at {list(at[1:])}." if at[1:] else ".")
        counted = y if self.ignore_class is None else y[y != self.ignore_class]
        whole = bool((counted == np.floor(counted)).all())
        if k is not None and whole and counted.min() == 1 and counted.max() == k:
            text += " The labels start at 1: subtract 1 from them."
        elif k is not None and whole and counted.min() >= 0:
            text += f" They reach {int(counted.max())}: the last layer would need {int(counted.max()) + 1} units."
        elif whole and counted.min() == -1 and self.ignore_class is None:
            text += " If -1 marks rows without a label, set ignore_class=-1."
        return text

    def _misfit(self, y_true: np.ndarray[Any, Any], output_shape: tuple[int | None, ...]) -> str:
        outputs = ", ".join("?" if size is None else str(size) for size in output_shape[1:])
        labels = "".join(f", {'?' if size is None else size}" for size in output_shape[1:-1])
        text = f"{self.name}: targets of shape {np.shape(y_true)} do not fit the model's output (n, {outputs}); "
        text += f"class numbers (n{labels or ','}) are needed."
        if np.ndim(y_true) == len(output_shape) and np.shape(y_true)[-1] == output_shape[-1]:
            text += " For one-hot targets use loss='categorical_crossentropy'."
        return text

    def _picked(self, y_true: Array, y_pred: Array) -> tuple[Array, Array, Array, Array | None]:
        """Row numbers, labels, predictions (rows, k), and the rows' weights if some are ignored."""
        labels = y_true.reshape(-1)
        if labels.dtype.kind not in "iu":
            labels = labels.astype(np.int64)
        weight = None
        if self.ignore_class is not None:
            counts = labels != self.ignore_class
            labels = np.where(counts, labels, np.zeros_like(labels))
            weight = counts.astype(y_pred.dtype)
            if self.reduces and self.reduction != "sum":
                weight *= weight.size / np.maximum(weight.sum(), 1)
        return np.arange(labels.size, like=labels), labels, y_pred.reshape(-1, y_pred.shape[-1]), weight


class SparseSoftmaxCrossentropy(FusedLoss):
    """The loss on what goes into the softmax: -log softmax(z)[label], with the gradient p - one-hot."""

    def __init__(self, loss: SparseCategoricalCrossentropy) -> None:
        self.loss = loss

    def values(self, y_true: Array, z: Array) -> Array:
        return self.loss.logit_values(y_true, z)

    def gradient(self, y_true: Array, z: Array, p: Array) -> Array:
        return self.loss.logit_gradient(y_true, p)


def _weighted(values: Array, weight: Array | None) -> Array:
    return values if weight is None else values * weight


@hookimpl
def kexp_losses() -> dict[str, type[Loss]]:
    return {"sparse_categorical_crossentropy": SparseCategoricalCrossentropy}
