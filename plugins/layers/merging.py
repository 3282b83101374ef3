"""What the merge layers share: several inputs of shapes that broadcast become one output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from kexp.autodiff import vjp
from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.placed import values_in
from kexp.errors import ShapeError

Gradients = Callable[[Array], tuple[Array, ...]]


class Merge(Layer):
    """Base of layers that take several inputs element by element.

    Shapes: a list of x (n, ...) that broadcast -> y (n, ...). An input of fewer axes gets axes of size 1 behind the
    batch axis, as in Keras.
    Raises: ShapeError if the shapes do not broadcast.
    """

    casts_ints = True
    supports_masking = True
    exactly: ClassVar[int | None] = None
    """The number of inputs, if it is fixed."""

    def merge(self, inputs: list[Array], ctx: Context) -> tuple[Array, Gradients]:
        """The output for inputs of equally many axes, and dy -> one cotangent each, of the output's shape."""
        raise NotImplementedError

    def merge_masked(self, inputs: list[Array], masks: list[Array | None]) -> Array | None:
        """The output as a plain array expression where inputs have masks; None if masks make no difference."""
        return None

    def build(self, input_shape: Any) -> None:
        self.compute_output_shape(input_shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        if self.exactly is not None and len(shapes) != self.exactly:
            raise ShapeError(
                f"layer {self.name!r} ({type(self).__name__}) takes {self.exactly} inputs. Received: {len(shapes)}"
            )
        ndim = max(map(len, shapes))
        sizes = [_one_size({_aligned(shape, ndim)[axis] for shape in shapes}, axis) for axis in range(ndim)]
        if -1 in sizes:
            said = ", ".join(str(tuple(shape)) for shape in shapes)
            raise ShapeError(
                f"layer {self.name!r} ({type(self).__name__}) needs inputs of shapes that broadcast. Received: {said}"
            )
        return tuple(sizes)

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        count = values_in(output_shape)
        return None if count is None else (len(input_shape) - 1) * count

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        masks = list(mask) if isinstance(mask, list | tuple) else [mask]
        if any(one is None for one in masks):
            return None
        result = masks[0]
        for one in masks[1:]:
            result = result | one
        return result

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        ndim = max(x.ndim for x in inputs)
        aligned = [x if x.ndim == ndim else x.reshape(_aligned(x.shape, ndim)) for x in inputs]
        y, back = self._merged(aligned, ctx)

        def pullback(dy: Array) -> tuple[tuple[Array, ...], dict[str, Array]]:
            return tuple(_unbroadcast(d, x) for d, x in zip(back(dy), inputs, strict=True)), {}

        return y, pullback

    def _merged(self, inputs: list[Array], ctx: Context) -> tuple[Array, Gradients]:
        if ctx.masks is None or all(mask is None for mask in ctx.masks):
            return self.merge(inputs, ctx)
        shapes = np.broadcast_shapes(*(x.shape for x in inputs))
        whole = [np.broadcast_to(x, shapes) for x in inputs]  # a mask holds for the input as it is broadcast
        masks = [None if mask is None else _spread(mask, x) for mask, x in zip(ctx.masks, inputs, strict=True)]
        if self.merge_masked(whole, masks) is None:
            return self.merge(inputs, ctx)
        return vjp(lambda *arrays: self.merge_masked(list(arrays), masks), *whole)


def _one_size(sizes: set[int | None], axis: int) -> int | None:
    """The size that an axis has after broadcasting; -1 if there is none."""
    known = {size for size in sizes if size is not None and (size != 1 or axis == 0)}
    if len(known) > 1:
        return -1
    if axis == 0:
        return next(iter(known), None)
    return None if None in sizes else next(iter(known), 1)


def _aligned(shape: Any, ndim: int) -> tuple[Any, ...]:
    return (shape[0], *(1,) * (ndim - len(shape)), *shape[1:])


def _unbroadcast(d: Array, x: Array) -> Array:
    """`d`, of the output's shape, summed to the shape of the input x."""
    if d.shape == x.shape:
        return d
    aligned = _aligned(x.shape, d.ndim)
    axes = tuple(axis for axis, size in enumerate(aligned) if size != d.shape[axis])
    return (d.sum(axes, keepdims=True) if axes else d).reshape(x.shape)


def _spread(mask: Array, x: Array) -> Array:
    """A mask (n, t) as (n, t, 1), for an input that may have got axes before."""
    return np.expand_dims(mask, -1).reshape(_aligned((*mask.shape, 1), x.ndim))


def folded_extreme(inputs: list[Array], pick: Callable[..., Array], ctx: Context) -> tuple[Array, Gradients]:
    """maximum or minimum of all inputs, two by two; where two are equal, each gets half the derivative."""
    so_far = [inputs[0]]
    for x in inputs[1:]:
        so_far.append(pick(so_far[-1], x))

    def back(dy: Array) -> tuple[Array, ...]:
        cotangents: list[Array] = []
        for before, x in zip(so_far[-2::-1], inputs[:0:-1], strict=True):
            y = pick(before, x)
            share = (x == y) * dy
            tie = x == before
            share = np.where(tie, share * 0.5, share)
            cotangents.append(share)
            dy = dy - share
        return (dy, *reversed(cotangents))

    return so_far[-1], back


def extreme_masked(inputs: list[Array], masks: list[Array | None], pick: Callable[..., Array]) -> Array:
    """As `folded_extreme`, without the steps that masks leave out, unless all do."""
    y, known = inputs[0], masks[0]
    for x, mask in zip(inputs[1:], masks[1:], strict=True):
        x = x if mask is None else np.where(mask, x, y)
        y = y if known is None else np.where(known, y, x)
        known = None if mask is None or known is None else mask | known
        y = pick(y, x)
    return y
