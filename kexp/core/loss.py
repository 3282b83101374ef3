"""Loss: one number for each sample that says how wrong a prediction is, and its derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from kexp.autodiff import vjp
from kexp.backend import Array, settings
from kexp.core.activation import Activation
from kexp.core.component import Component, one_of, resolve, snake_case
from kexp.errors import DataError

REDUCTIONS = ("sum_over_batch_size", "sum")


class Loss(Component):
    """Contract of losses: `values` and `gradient`, or `call` alone and autodiff makes the gradient.

    Shapes: y_true and y_pred (n, ..., k) -> values (n, ...), the last axis averaged or summed by the loss.
    What a sample loses depends on its own row alone (but for a factor of the whole batch, see `depends_on_batch`),
    so `gradient` needs no cotangent: the caller scales it.
    `reduction`: 'sum_over_batch_size' divides the (weighted) sum by the number of values, 'sum' does not.
    """

    kind: ClassVar[str] = "loss"
    takes_labels: ClassVar[bool] = False
    """Whether targets are class numbers, which stay whole numbers; otherwise they are cast to floatx."""
    depends_on_batch: bool = False
    """Whether a value depends on the other rows of its batch; logged values are then taken batch by batch."""

    def __init__(self, reduction: str = "sum_over_batch_size", name: str | None = None) -> None:
        self.reduction = one_of("reduction", reduction, REDUCTIONS)
        self.name = name or self.registered_name()

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

    def prepare(self, y_true: np.ndarray[Any, Any], output_shape: tuple[int | None, ...]) -> np.ndarray[Any, Any]:
        """y_true (host) as `values` wants it for predictions of `output_shape` (batch axis first).

        A missing or superfluous last axis of length 1 is added or dropped, as Keras does.
        Raises: DataError if the shapes do not fit.
        """
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

    def _misfit(self, y_true: np.ndarray[Any, Any], output_shape: tuple[int | None, ...]) -> str:
        want = "(n, " + ", ".join("?" if size is None else str(size) for size in output_shape[1:]) + ")"
        text = f"{self.name}: targets of shape {np.shape(y_true)} do not fit the model's output {want}."
        if np.ndim(y_true) < len(output_shape) or np.shape(y_true)[-1:] == (1,):
            text += " For class numbers use loss='sparse_categorical_crossentropy', or one-hot them (to_categorical)."
        return text

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
        """The reduced loss, a float; `sample_weight` (n,) multiplies the values."""
        values = self.by_hand(y_true, y_pred)
        if sample_weight is not None:
            weight = np.asarray(sample_weight, dtype=values.dtype)
            values = values * weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim))
        total = float(values.sum())
        return total if self.reduction == "sum" else total / max(values.size, 1)

    def by_hand(self, y_true: Any, y_pred: Any) -> Array:
        """The loss of each sample for lists or arrays of any number type, targets checked and brought into shape."""
        if isinstance(y_pred, list | tuple):
            y_pred = np.asarray(y_pred, dtype=settings.floatx())
        elif y_pred.dtype.kind != "f":
            y_pred = y_pred.astype(settings.floatx())
        y_true = np.asarray(y_true) if isinstance(y_true, list | tuple) else y_true
        y_true = self.prepare(y_true, (None, *y_pred.shape[1:]))
        if len(y_true) != len(y_pred):
            raise DataError(f"{self.name}: {len(y_true)} targets do not fit {len(y_pred)} predictions.")
        return self.values(y_true if self.takes_labels else y_true.astype(y_pred.dtype, copy=False), y_pred)


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

    def function(y_true: Any, y_pred: Any, **config: Any) -> Array:
        return maker(**config).by_hand(y_true, y_pred)

    function.__name__ = function.__qualname__ = snake_case(maker.__name__)
    function.__doc__ = maker.__doc__
    function.component = maker  # type: ignore[attr-defined]
    function.config_name = function.__name__  # type: ignore[attr-defined]
    return function


def get_loss(spec: Any) -> Loss:
    """The loss that `spec` names: a name, a mapping, a class, an object, or a function (y_true, y_pred) -> values."""
    found = resolve("loss", getattr(spec, "component", spec))
    return found if isinstance(found, Loss) else FunctionLoss(found)


class FunctionLoss(Loss):
    """A plain function (y_true, y_pred) -> values (n, ...) as a loss."""

    def __init__(self, function: Any, reduction: str = "sum_over_batch_size", name: str | None = None) -> None:
        super().__init__(reduction, name or getattr(function, "__name__", "loss"))
        self.function = function

    def call(self, y_true: Array, y_pred: Array) -> Array:
        return self.function(y_true, y_pred)
