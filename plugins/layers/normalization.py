"""Normalization: each feature with mean 0 and variance 1, by moments learned from data before training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from kexp.backend import Array, settings
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.source import is_source
from kexp.errors import ArgumentError, DataError, ShapeError
from kexp.hookspecs import hookimpl

ADAPT_ROWS = 8192

Values = np.ndarray[Any, Any]


class Normalization(Layer):
    """y = (x - mean) / max(sqrt(variance), epsilon), with one of each for every place on `axis`; epsilon is 1e-7.

    `axis`: one or several axes, or None for a single mean and variance. They are given (`mean` and `variance`), or
    learned by `adapt(data)`, and then are weights that training leaves alone: mean, variance, count (always 0).
    `invert` turns the formula around.
    Shapes: x any -> y the same.
    """

    flops_per_value = 2
    supports_masking = True
    casts_ints = True

    def __init__(
        self,
        axis: int | list[int] | None = -1,
        mean: float | list[float] | None = None,
        variance: float | list[float] | None = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if (mean is None) != (variance is None):
            raise ArgumentError(
                f"mean and variance must be given both or not at all. Received: mean={mean!r}, variance={variance!r}"
            )
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.input_mean = None if mean is None else np.asarray(mean, dtype=np.float64)
        self.input_variance = None if variance is None else np.asarray(variance, dtype=np.float64)
        if self.input_mean is not None and self.input_variance is not None:
            if self.input_mean.shape != self.input_variance.shape or self.input_mean.ndim > len(self.axis):
                raise ArgumentError(
                    f"mean and variance must have the same shape, of at most {len(self.axis)} axes (axis={axis!r}). "
                    f"Received: {self.input_mean.shape} and {self.input_variance.shape}"
                )
            if (self.input_variance < 0).any():
                raise ArgumentError(f"variance must not be negative. Received: {variance!r}")
        self.invert = invert
        self.mean: Array
        self.variance: Array
        self.count: Array

    def build(self, input_shape: Any) -> None:
        ndim = len(input_shape)
        if any(not -ndim <= axis < ndim for axis in self.axis):
            raise ArgumentError(f"axis must be among the input's {ndim} axes. Received: {self.axis}")
        self._kept = tuple(sorted(axis % ndim for axis in self.axis))
        shape = tuple(input_shape[axis] for axis in self._kept)
        if None in shape:
            raise ShapeError(
                f"layer {self.name!r}: the sizes of axis {self.axis} must be known. Received: {input_shape}"
            )
        self._spread = tuple(input_shape[axis] if axis in self._kept else 1 for axis in range(ndim))
        if self.input_mean is None:
            self.add_weight("mean", shape, "zeros", trainable=False)
            self.add_weight("variance", shape, "ones", trainable=False)
            self.add_weight("count", (), "zeros", trainable=False, dtype="int32")

    def check_input(self, input_shape: Any) -> None:
        """Raise ShapeError if an axis with its own moments has another size."""
        ndim = len(self._spread)
        if len(input_shape) != ndim or any(input_shape[axis] not in (None, self._spread[axis]) for axis in self._kept):
            raise ShapeError(
                f"layer {self.name!r} (Normalization) was built for inputs {self.input_shape}. Received: {input_shape}"
            )

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def adapt(self, data: Any) -> None:
        """Learn mean and variance: from an array, a table, a source, or batches that are given one after the other.

        Raises: DataError if there are no data, or numbers are missing or not finite.
        """
        if self.input_mean is not None:
            raise ArgumentError(f"layer {self.name!r} was given mean and variance, so there is nothing to adapt")
        total, mean, squares, row = 0, np.zeros(()), np.zeros(()), 0
        for batch in _batches(data):
            self.ensure_built((None, *batch.shape[1:]))
            _require_finite(batch, row)
            row += len(batch)
            others = tuple(axis for axis in range(batch.ndim) if axis not in self._kept)
            n = int(np.prod([batch.shape[axis] for axis in others]))
            if not n:
                continue
            batch_mean = batch.mean(others, dtype=np.float64)
            apart = batch - np.expand_dims(batch_mean, others)
            step, total = batch_mean - mean, total + n
            squares = squares + (apart * apart).sum(others) + step * step * ((total - n) * n / total)  # Chan 1979, 2.1
            mean = mean + step * (n / total)
        if not total:
            raise DataError(f"layer {self.name!r}: adapt needs data. Received none")
        self._weights["mean"].assign(mean)
        self._weights["variance"].assign(squares / total)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        mean, variance = self._moments(x, ctx)
        spread = np.maximum(np.sqrt(variance), settings.epsilon())

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (dy * spread if self.invert else dy / spread,), {}

        return (mean + x * spread if self.invert else (x - mean) / spread), pullback

    def _moments(self, x: Array, ctx: Context) -> tuple[Array, Array]:
        if self.input_mean is None or self.input_variance is None:
            return self.mean.reshape(self._spread), self.variance.reshape(self._spread)
        shape = [1] * x.ndim
        for place in range(1, self.input_mean.ndim + 1):
            shape[self._kept[-place]] = self.input_mean.shape[-place]
        put = ctx.backend.asarray
        mean, variance = self.input_mean.reshape(shape), self.input_variance.reshape(shape)
        return put(mean, dtype=x.dtype), put(variance, dtype=x.dtype)


def _batches(data: Any) -> Iterator[Values]:
    """Arrays of numbers, in float64 where they have no point."""
    parts: Iterable[Any] = [data] if hasattr(data, "shape") and not is_source(data) else data
    if is_source(data):
        parts = (data.take(slice(at, min(at + ADAPT_ROWS, len(data)))) for at in range(0, len(data), ADAPT_ROWS))
    for part in parts:
        part = part[0] if isinstance(part, tuple) else part
        part = part.get() if hasattr(part, "get") and hasattr(part, "device") else part
        try:
            batch = np.asarray(part)
            batch = batch if batch.dtype.kind == "f" else batch.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(f"adapt needs numbers: {error}") from None
        if batch.ndim == 0:
            raise DataError("adapt needs an array, or batches of samples. Received: single numbers")
        yield batch


def _require_finite(batch: Values, start: int) -> None:
    bad = ~np.isfinite(batch)
    if bad.any():
        place = tuple(int(index[0]) for index in np.nonzero(bad))
        what = "is missing" if np.isnan(batch[place]) else "is not finite"
        where = "".join(f", {index}" for index in place[1:])
        raise DataError(f"adapt: the value at [{start + place[0]}{where}] {what}")


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"normalization": Normalization}
