"""Loss: one number for each sample that says how wrong a prediction is, and its derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from kexp.autodiff import vjp
from kexp.backend import Array, settings
from kexp.core.activation import Activation
from kexp.core.component import Component, one_of, positional, resolve, standing_for
from kexp.errors import ArgumentError, DataError

REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None)


class Loss(Component):
    """Contract of losses: `values` and `gradient`, or `call` alone and autodiff makes the gradient.

    Shapes: y_true and y_pred (n, ..., k) -> values (n, ...), the last axis averaged or summed by the loss.
    What a sample loses depends on its own row alone (but for a factor of the whole batch, see `depends_on_batch`),
    so `gradient` needs no cotangent: the caller scales it.
    `reduction`: 'sum_over_batch_size' and 'mean' divide the (weighted) sum by the number of values,
    'mean_with_sample_weight' by the sum of the weights as they were given, also where one counts for several values or
    for all, as in Keras; 'sum' by nothing; with 'none' or None a call gives the values.
    """

    kind: ClassVar[str] = "loss"
    takes_labels: ClassVar[bool] = False
    """Whether targets are class numbers, which stay whole numbers; otherwise they are cast to floatx."""
    axis: int = -1
    """The axis of predictions that `values` do not have."""
    depends_on_batch: bool = False
    """Whether a value depends on the other rows of its batch; logged values are then taken batch by batch."""

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ) -> None:
        self.reduction = one_of("reduction", reduction, REDUCTIONS)
        self.name = name or self.registered_name()
        self.dtype = dtype

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """The loss of each sample as a plain array expression."""
        return self.values(y_true, y_pred)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        """The loss of each sample."""
        return self.call(y_true, y_pred)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        """The derivative of the sum of `values` by y_pred: a new array of its shape."""
        values, pullback = vjp(lambda p: self.call(y_true, p), y_pred)
        gradient: Array = pullback(np.ones_like(values))[0]
        return gradient

    def fused(self, activation: Activation) -> FusedLoss | None:
        """The same loss as a function of what goes into `activation`, where that is more exact or faster."""
        return None

    def counted(self, y_true: Array) -> Array | None:
        """True for each value (n, ...) that counts in a mean, or None where all do; `values` allow for the others."""
        return None

    def prepare(self, y_true: np.ndarray[Any, Any], output_shape: tuple[int | None, ...]) -> np.ndarray[Any, Any]:
        """y_true (host) as `values` wants it for predictions of `output_shape` (batch axis first).

        A missing or superfluous last axis of length 1 is added or dropped, as Keras does.
        Raises: DataError if the shapes do not fit.
        """
        self.check_axis(output_shape)
        y = np.asarray(y_true)
        if y.ndim == len(output_shape) - 1 and output_shape[-1] == 1:
            y = y[..., None]
        elif y.ndim == len(output_shape) + 1 and y.shape[-1] == 1:
            y = y[..., 0]
        fits = y.ndim == len(output_shape) and all(
            want is None or want == got for want, got in zip(output_shape[1:], y.shape[1:], strict=True)
        )
        if not fits:
            raise DataError(self._misfit(y_true, output_shape))
        return y

    def check_axis(self, output_shape: tuple[int | None, ...]) -> None:
        """Raise DataError if `axis` is no axis of a row of the output."""
        if self.axis % len(output_shape) == 0 or not -len(output_shape) <= self.axis < len(output_shape):
            text = f"axis {self.axis} is no axis of the rows of the model's output {_shown(output_shape)}"
            raise DataError(f"{self.name}: {text}.")

    def _misfit(self, y_true: np.ndarray[Any, Any], output_shape: tuple[int | None, ...]) -> str:
        want = _shown(output_shape)
        text = f"{self.name}: targets of shape {np.shape(y_true)} do not fit the model's output {want}."
        if np.ndim(y_true) < len(output_shape) or np.shape(y_true)[-1:] == (1,):
            text += " For class numbers use loss='sparse_categorical_crossentropy', or one-hot them (to_categorical)."
        return text

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The reduced loss, a float, or the values themselves; `sample_weight` (n,) or (n, ...) multiplies them.

        Values (n,) times weights (n, 1) have the shape (n, 1).
        """
        values, weight = self.by_hand(y_true, y_pred), None
        if sample_weight is not None:
            weight = sample_weight if hasattr(sample_weight, "dtype") else np.asarray(sample_weight, like=values)
            weight = _spread(weight.astype(values.dtype, copy=False), values.ndim)
            values = values * weight
            if not self.reduces and values.ndim == 1 and np.ndim(sample_weight) == 2:
                values = values[:, None]
        return float(values.sum()) / self.divisor(values.size, weight) if self.reduces else values

    @property
    def reduces(self) -> bool:
        """Whether a call gives one number; the losses that a model trains on do."""
        return self.reduction not in ("none", None)

    def divisor(self, size: int, weight: Array | None = None) -> float:
        """What the sum of `size` values is divided by, which `weight` has multiplied."""
        if self.reduction == "sum":
            return 1.0
        if self.reduction == "mean_with_sample_weight" and weight is not None:
            return float(weight.sum()) or np.inf  # no weight at all: a loss of 0, as in Keras
        return float(max(size, 1))

    def by_hand(self, y_true: Any, y_pred: Any) -> Array:
        """The loss of each sample for lists or arrays of any number type, targets checked and brought into shape."""
        if not hasattr(y_pred, "dtype"):
            y_pred = np.asarray(y_pred, dtype=self.dtype or settings.floatx())
        elif self.dtype is not None or y_pred.dtype.kind != "f":
            y_pred = y_pred.astype(self.dtype or settings.floatx())
        y_true = y_true if hasattr(y_true, "dtype") else np.asarray(y_true)
        y_true = self.prepare(y_true, (None, *y_pred.shape[1:]))
        if len(y_true) != len(y_pred):
            raise DataError(f"{self.name}: {len(y_true)} targets do not fit {len(y_pred)} predictions.")
        return self.values(y_true if self.takes_labels else y_true.astype(y_pred.dtype, copy=False), y_pred)


def _shown(output_shape: tuple[int | None, ...]) -> str:
    return "(n, " + ", ".join("?" if size is None else str(size) for size in output_shape[1:]) + ")"


def row_axis(axis: Any) -> int:
    """`axis`, if it can be an axis of a row: an int other than 0.

    Raises: ArgumentError otherwise.
    """
    if isinstance(axis, bool) or not isinstance(axis, int) or axis == 0:
        raise ArgumentError(f"axis must be an int other than 0, the batch axis. Received: {axis!r}")
    return axis


def with_axis_last(array: Array, axis: int) -> Array:
    """The array, its axis `axis` moved to the end."""
    return array if axis == -1 else np.moveaxis(array, axis, -1)


def with_axis_back(array: Array, axis: int) -> Array:
    """The array, its last axis moved to `axis`."""
    return array if axis == -1 else np.moveaxis(array, -1, axis)


def _spread(weight: Array, ndim: int) -> Array:
    """The weight with as many axes as the values have: missing ones added, those of length 1 too many dropped."""
    while weight.ndim > ndim and weight.shape[-1] == 1:
        weight = weight[..., 0]
    return weight.reshape(weight.shape + (1,) * (ndim - weight.ndim))


class FusedLoss:
    """A loss together with the activation before it, as functions of that activation's input z.

    `gradient` is also given p = activation(z), which the caller has at hand.
    """

    def values(self, y_true: Array, z: Array) -> Array:
        """The loss of each sample."""
        raise NotImplementedError

    def gradient(self, y_true: Array, z: Array, p: Array) -> Array:
        """The derivative of the sum of `values` by z: a new array of its shape. May overwrite p."""
        raise NotImplementedError


def as_function(maker: type[Loss]) -> Callable[..., Array]:
    """The loss as the plain function that Keras has: `mean_squared_error(y_true, y_pred)` -> values (n, ...)."""

    names = [name for name in positional(maker) if name not in ("reduction", "name", "dtype")]

    def function(y_true: Any, y_pred: Any, *args: Any, **config: Any) -> Array:
        return maker(**{"reduction": None} | dict(zip(names, args, strict=False)) | config).by_hand(y_true, y_pred)

    return standing_for(maker, function)


def get_loss(spec: Any) -> Loss:
    """The loss that `spec` names: a name, a mapping, a class, an object, or a function (y_true, y_pred) -> values."""
    found = resolve("loss", getattr(spec, "component", spec))
    return found if isinstance(found, Loss) else FunctionLoss(found)


class FunctionLoss(Loss):
    """A plain function (y_true, y_pred) -> values (n, ...) as a loss."""

    def __init__(self, function: Any, reduction: str | None = "sum_over_batch_size", name: str | None = None) -> None:
        super().__init__(reduction, name or getattr(function, "__name__", "loss"))
        self.function = function

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return self.function(y_true, y_pred)
