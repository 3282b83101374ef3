"""What the pooling layers share: windows as slices, sizes, and the two ways to pool.

A place in the window, say (0, 1) of a 2 x 2 window, is one strided slice of the input for all outputs at once. So
pooling is one array operation for each place, without a loop over pixels and without a padded copy of the input.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.placed import values_in
from kexp.errors import ArgumentError, ShapeError
from kexp_plugins.layers.image_axes import chosen_format, chosen_padding

Slices = tuple[slice, ...]
_BOOL = np.dtype(bool)


class Windows(NamedTuple):
    """Where windows lie: the output's shape, and for each place in the window (outputs it serves, inputs it reads)."""

    shape: tuple[int, ...]
    places: tuple[tuple[Slices, Slices], ...]
    whole: bool
    """Whether each place serves all outputs: nothing is padded."""
    apart: bool
    """Whether no input is in two windows."""
    counts: tuple[tuple[int, ...], ...]
    """How many inputs a window holds, for each spatial axis and each output along it."""


class Pooling(Layer):
    """Base of pooling layers. Shapes: x (n, h, w, c) -> y (n, h', w', c), with one spatial axis or two.

    h' is floor((h - pool) / stride) + 1 with padding 'valid', ceil(h / stride) with 'same'; then the padding, which
    counts for nothing, has its odd cell at the bottom and right.
    """

    casts_ints = True
    spatial: ClassVar[int]

    def __init__(self, pool_size: Any, strides: Any, padding: str, data_format: str | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pool_size = sizes("pool_size", pool_size, self.spatial)
        self.strides = self.pool_size if strides is None else sizes("strides", strides, self.spatial)
        self.padding = chosen_padding(padding)
        self.data_format = chosen_format(data_format)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"data_format": self.data_format}

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        count = values_in(output_shape)
        return None if count is None else math.prod(self.pool_size) * count

    def compute_output_shape(self, input_shape: Any) -> Any:
        require_ndim(self, input_shape, self.spatial + 2)
        first = first_spatial_axis(self.data_format)
        shape = list(input_shape)
        for axis, (pool, stride) in enumerate(zip(self.pool_size, self.strides, strict=True), start=first):
            size = input_shape[axis]
            if size is None:
                continue
            shape[axis] = -(-size // stride) if self.padding == "same" else (size - pool) // stride + 1
            if shape[axis] <= 0:
                raise ShapeError(
                    f"layer {self.name!r} ({type(self).__name__}): windows of {self.pool_size} do not fit into "
                    f"{tuple(input_shape)}. Use padding='same' or a smaller pool_size."
                )
        return tuple(shape)

    def windows(self, x: Array) -> Windows:
        """The windows of this input."""
        shape = self.compute_output_shape(x.shape)
        return _windows(
            x.shape, shape, self.pool_size, self.strides, self.padding, first_spatial_axis(self.data_format)
        )


def pool_max(x: Array, windows: Windows, ctx: Context) -> tuple[Array, Pullback]:
    """The largest value of each window; the derivative is that of the first such value in row-major order."""
    y = empty(ctx, "y", windows.shape, x)
    places = windows.places
    if windows.whole and len(places) > 1:
        np.maximum(x[places[0][1]], x[places[1][1]], out=y)
        places = places[2:]
    else:
        y.fill(-math.inf)
    for outputs, inputs in places:
        part = y[outputs]
        np.maximum(part, x[inputs], out=part)

    def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
        dx = empty(ctx, "dx", x.shape, x)
        dx.fill(0)
        taken = empty(ctx, "taken", y.shape, x, _BOOL)
        taken.fill(False)
        for outputs, inputs in windows.places:
            given, target = taken[outputs], dx[inputs]
            here = x[inputs] == y[outputs]
            np.greater(here, given, out=here)  # and not yet given away
            np.logical_or(given, here, out=given)
            if windows.apart:
                np.multiply(dy[outputs], here, out=target)
            else:
                np.add(target, dy[outputs] * here, out=target)
        return (dx,), {}

    return y, pullback


def pool_mean(x: Array, windows: Windows, ctx: Context, first: int) -> tuple[Array, Pullback]:
    """The mean of each window; cells outside the input do not count. `first` is the first spatial axis."""
    share = _share(windows.counts, ctx, x, first)
    y = empty(ctx, "y", windows.shape, x)
    y.fill(0)
    for outputs, inputs in windows.places:
        part = y[outputs]
        np.add(part, x[inputs], out=part)
    np.multiply(y, share, out=y)

    def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
        dx = empty(ctx, "dx", x.shape, x)
        dx.fill(0)
        shares = np.multiply(dy, share, out=ctx.work("shares", dy.shape, dy.dtype))
        for outputs, inputs in windows.places:
            target = dx[inputs]
            np.add(target, shares[outputs], out=target)
        return (dx,), {}

    return y, pullback


def empty(ctx: Context, name: str, shape: tuple[int, ...], like: Array, dtype: Any = None) -> Array:
    """The context's work array of that name, or a new array of unknown content on its device."""
    array = ctx.work(name, shape, dtype or like.dtype)
    return ctx.backend.xp.empty(shape, dtype=dtype or like.dtype) if array is None else array


def first_spatial_axis(data_format: str) -> int:
    """The axis of the height, or of the time."""
    return 1 if data_format == "channels_last" else 2


def sizes(name: str, value: Any, count: int) -> tuple[int, ...]:
    """`value` as `count` sizes: one int for all, or as many ints.

    >>> sizes("pool_size", 2, 2)
    (2, 2)
    """
    given: Sequence[Any] = tuple(value) if isinstance(value, list | tuple) else (value,) * count
    if len(given) != count or any(isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1 for n in given):
        many = f" or a tuple of {count}" if count > 1 else ""
        raise ArgumentError(f"{name} must be a positive int{many}. Received: {value!r}")
    return tuple(int(n) for n in given)


def require_ndim(layer: Layer, shape: Any, ndim: int) -> None:
    """Raise ShapeError unless the input has that many axes, the batch's included."""
    if len(shape) != ndim:
        raise ShapeError(
            f"layer {layer.name!r} ({type(layer).__name__}) needs an input of {ndim} axes, the batch's included. "
            f"Received: {tuple(shape)}"
        )


@functools.lru_cache(maxsize=512)
def _windows(
    given: tuple[int, ...],
    shape: tuple[int, ...],
    pool: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    first: int,
) -> Windows:
    along = []
    for axis, (size, stride) in enumerate(zip(pool, strides, strict=True), start=first):
        missing = max((shape[axis] - 1) * stride + size - given[axis], 0) if padding == "same" else 0
        along.append(_along(given[axis], shape[axis], size, stride, missing // 2))
    full = (slice(None),) * first
    places = tuple(
        ((*full, *(o for o, _ in place)), (*full, *(i for _, i in place))) for place in itertools.product(*along)
    )
    counts = []
    for axis, found in enumerate(along, start=first):
        held = [0] * shape[axis]
        for outputs, _ in found:
            for index in range(outputs.start, outputs.stop):
                held[index] += 1
        counts.append(tuple(held))
    whole = all(held == size for row, size in zip(counts, pool, strict=True) for held in row)
    apart = all(stride >= size for stride, size in zip(strides, pool, strict=True))
    return Windows(shape, places, whole, apart, tuple(counts))


def _along(size: int, outputs: int, pool: int, stride: int, before: int) -> list[tuple[slice, slice]]:
    """For each place in the window along one axis: the outputs for which it lies inside, and the inputs it is on."""
    found = []
    for place in range(pool):
        low = max(0, -((place - before) // stride))
        high = min(outputs - 1, (size - 1 - place + before) // stride)
        if high >= low:
            start = low * stride + place - before
            found.append((slice(low, high + 1), slice(start, start + (high - low) * stride + 1, stride)))
    return found


def _share(counts: tuple[tuple[int, ...], ...], ctx: Context, x: Array, first: int) -> Any:
    """1 / how many inputs each window holds: one number if it is the same for all, else along the spatial axes."""
    held = functools.reduce(np.multiply.outer, [np.asarray(row) for row in counts])
    if held.min() == held.max():
        return ctx.kernels.constant(1 / int(held.flat[0]), x)
    trailing = x.ndim - first - held.ndim
    return ctx.backend.asarray((1 / held).reshape(*held.shape, *(1,) * trailing), dtype=x.dtype)
