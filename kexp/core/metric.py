"""Metric: a number that is watched and not trained on, gathered over many batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array, settings
from kexp.core.component import Component, standing_for
from kexp.errors import ShapeError


class Metric(Component):
    """Contract of metrics: `update_state` for each batch, `result` at any time, `reset_state` at an epoch's start.

    Streaming: an epoch's value weights every sample equally, whatever the batches were. Attributes that
    `reset_state` makes are the state that is saved with a run.
    """

    kind: ClassVar[str] = "metric"
    needs_single_batches: bool = False
    """Whether the value depends on how the samples are divided into batches."""

    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        self.name = name or self.registered_name()
        self.dtype = dtype
        before = set(vars(self))
        self.reset_state()
        self._state = sorted(set(vars(self)) - before)

    def update_state(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> None:
        """Take in a batch: y_true and y_pred as the loss gets them, sample_weight (n,) or None."""
        raise NotImplementedError

    def result(self) -> Any:
        """The value over everything since `reset_state`, a float; several, such as one a class, as an array (k,)."""
        raise NotImplementedError

    def reset_state(self) -> None:
        """Forget everything."""
        raise NotImplementedError

    def for_shapes(self, y_true: tuple[int, ...], y_pred: tuple[int | None, ...]) -> Metric:
        """The metric to use for targets and outputs of these shapes; itself, unless the name stands for several."""
        return self

    def get_state(self) -> dict[str, Any]:
        """What was gathered so far, as numbers and arrays."""
        return {name: getattr(self, name) for name in self._state}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go back to where `get_state` was."""
        for name in self._state:
            setattr(self, name, state[name])

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Take in a batch, and return the value over everything so far."""
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()


class MeanMetric(Metric):
    """Mean over all samples of `values(y_true, y_pred)`; a subclass writes that one method.

    A sample with several values (time steps, pixels) counts by their mean, as in Keras.
    """

    total: float
    count: float

    def values(self, y_true: Array, y_pred: Array) -> Array:
        """One number for each sample, (n,) or (n, ...)."""
        raise NotImplementedError

    def update_state(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> None:
        values = self.values(as_array(y_true), as_floats(y_pred))
        if not values.size:
            return
        n = len(values) if values.ndim else 1
        share = n / values.size
        if sample_weight is None:
            hits = values.dtype.kind == "b"  # counting is a fifth of the work of adding
            total = np.count_nonzero(values) if hits else np.add.reduce(values, axis=None, dtype=np.float64)
            self.total += float(total) * share
            self.count += n
            return
        weight = as_array(sample_weight)
        if weight.ndim == values.ndim + 1 and weight.shape[-1] == 1:
            weight = weight[..., 0]
        weight = np.broadcast_to(weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim)), values.shape)
        self.total += float((values * weight).sum(dtype=np.float64)) * share
        self.count += float(weight.sum(dtype=np.float64)) * share

    def result(self) -> float:
        return self.total / self.count if self.count else 0.0

    def reset_state(self) -> None:
        self.total, self.count = 0.0, 0.0


class FunctionMetric(MeanMetric):
    """A plain function (y_true, y_pred) -> one number a sample, or one a batch, averaged."""

    def __init__(self, function: Any, name: str | None = None) -> None:
        self.function = function
        self.needs_single_batches = not hasattr(function, "component")
        super().__init__(name or getattr(function, "__name__", "metric"))

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return as_array(self.function(y_true, y_pred))


def as_function(maker: type[MeanMetric], *arguments: str) -> Callable[..., Array]:
    """The metric as the plain function that Keras has: `binary_accuracy(y_true, y_pred)` -> values (n, ...), floats.

    `arguments`: the names of those that may follow by position.
    """

    def function(y_true: Any, y_pred: Any, *args: Any, **config: Any) -> Array:
        metric = maker(**dict(zip(arguments, args, strict=False)), **config)
        return metric.values(as_array(y_true), as_floats(y_pred)).astype(settings.floatx())

    return standing_for(maker, function)


def as_array(values: Any) -> Array:
    """Arrays as they are, lists and numbers as NumPy arrays."""
    return values if hasattr(values, "dtype") else np.asarray(values)


def as_floats(values: Any) -> Array:
    """Arrays of floats as they are, all else as arrays of float64: bytes would wrap around below 0."""
    array = as_array(values)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def same_shape(name: str, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
    """y_true and y_pred with one shape; a last axis of length 1 that only one of them has is added to the other.

    Raises: ShapeError if they differ in more, rather than let them broadcast.
    """
    if y_true.shape == y_pred.shape:
        return y_true, y_pred
    if y_true.shape == y_pred.shape[:-1] and y_pred.shape[-1] == 1:
        return y_true[..., None], y_pred
    if y_pred.shape == y_true.shape[:-1] and y_true.shape[-1] == 1:
        return y_true, y_pred[..., None]
    raise misfit(name, y_true, y_pred)


def misfit(name: str, y_true: Array, y_pred: Array) -> ShapeError:
    """The error for targets and predictions whose shapes do not go together."""
    shapes = f"targets of shape {y_true.shape} do not fit predictions of shape {y_pred.shape}"
    return ShapeError(f"metric {name!r}: {shapes}")
