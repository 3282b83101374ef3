"""Concatenate: inputs side by side along an axis."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.errors import ArgumentError, ShapeError
from kexp.hookspecs import hookimpl


class Concatenate(Layer):
    """Inputs whose shapes are the same but along `axis`, side by side along it.

    Shapes: a list of x (n, ..., d_i) -> y (n, ..., sum of d_i) with axis -1.
    Raises: ShapeError if the other axes differ.
    """

    flops_per_value = 0
    casts_ints = True
    supports_masking = True

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(axis, bool) or not isinstance(axis, int) or axis == 0:
            raise ArgumentError(f"axis must be an int, and not 0, the batch's axis. Received: {axis!r}")
        self.axis = axis

    def build(self, input_shape: Any) -> None:
        self.compute_output_shape(input_shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        ndim = len(shapes[0])
        axis = self.axis + ndim if self.axis < 0 else self.axis
        fits = all(len(shape) == ndim for shape in shapes) and 0 < axis < ndim
        columns: list[set[Any]] = [{shape[i] for shape in shapes} - {None} for i in range(ndim)] if fits else []
        if not fits or any(len(column) > 1 for i, column in enumerate(columns) if i != axis):
            said = ", ".join(str(tuple(shape)) for shape in shapes)
            raise ShapeError(
                f"layer {self.name!r} (Concatenate) needs inputs whose shapes are the same but along axis {self.axis}. "
                f"Received: {said}"
            )
        sizes = [next(iter(column), None) for column in columns]
        along = [shape[axis] for shape in shapes]
        sizes[axis] = None if None in along else sum(along)
        return tuple(sizes)

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        arrays, masks = (list(x) if isinstance(x, list | tuple) else [x] for x in (inputs, mask))
        if all(one is None for one in masks):
            return None
        whole = [_whole(x, one) for x, one in zip(arrays, masks, strict=True)]
        return np.concatenate(whole, axis=self.axis).any(-1)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        axis = self.axis % inputs[0].ndim
        shape = list(inputs[0].shape)
        ends = [0]
        for x in inputs:
            ends.append(ends[-1] + x.shape[axis])
        shape[axis] = ends[-1]
        y = np.concatenate(inputs, axis=axis, out=ctx.work("y", tuple(shape), inputs[0].dtype))
        before = (slice(None),) * axis

        def pullback(dy: Array) -> tuple[tuple[Array, ...], dict[str, Array]]:
            return tuple(dy[(*before, slice(a, b))] for a, b in itertools.pairwise(ends)), {}

        return y, pullback


def _whole(x: Array, mask: Array | None) -> Array:
    """A mask of all elements of x."""
    full = np.full_like(x, True, dtype=bool)
    if mask is None:
        return full
    return full & (np.expand_dims(mask, -1) if mask.ndim < x.ndim else mask)


def concatenate(inputs: Sequence[Any], axis: int = -1, **kwargs: Any) -> Any:
    """`inputs`, tensors or arrays, side by side: `Concatenate(axis, **kwargs)(inputs)`."""
    return Concatenate(axis, **kwargs)(list(inputs))


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"concatenate": Concatenate}
