"""Dot: products of two inputs, summed over an axis of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array, settings
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.placed import values_in
from kexp.errors import ArgumentError, ShapeError
from kexp.hookspecs import hookimpl


class Dot(Layer):
    """For each sample, the sum over `axes` of products: an axis for both inputs, or one for each; not the batch's.

    With `normalize` the vectors along the axes are divided by their length, so that y is the cosine of their angle.

    Shapes: x (n, a, k), z (n, k, b) -> y (n, a, b) with axes (2, 1); x (n, k), z (n, k) -> y (n, 1) with axes 1.
    Raises: ShapeError if the axes differ in size.
    """

    casts_ints = True
    supports_masking = True

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        given = tuple(axes) if isinstance(axes, list | tuple) else (axes, axes)
        if len(given) != 2 or any(isinstance(axis, bool) or not isinstance(axis, int) for axis in given) or 0 in given:
            raise ArgumentError(f"axes must be an int or two ints, none of them 0. Received: {axes!r}")
        self.axes: tuple[int, int] = given
        self.normalize = normalize

    def build(self, input_shape: Any) -> None:
        self.compute_output_shape(input_shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        first, second, (a, b) = *self._two(input_shape), self._axes(input_shape)
        if None not in (first[a], second[b]) and first[a] != second[b]:
            raise ShapeError(
                f"layer {self.name!r} (Dot) sums over axes of one size: axis {a} of {tuple(first)} and axis {b} of "
                f"{tuple(second)} differ"
            )
        if None not in (first[0], second[0]) and first[0] != second[0]:
            raise ShapeError(
                f"layer {self.name!r} (Dot) needs batches of one size. Received: {tuple(first)}, {tuple(second)}"
            )
        rest = (*_without(first, a)[1:], *_without(second, b)[1:])
        return (first[0] if first[0] is not None else second[0], *(rest or (1,)))

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        count, size = values_in(output_shape), input_shape[0][self._axes(input_shape)[0]]
        return None if count is None or size is None else 2 * size * count

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        return None

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        x, z = inputs
        a, b = self._axes([x.shape, z.shape])
        shape = self.compute_output_shape([x.shape, z.shape])
        u, x_back = _normalized(x, a) if self.normalize else (x, _same)
        v, z_back = _normalized(z, b) if self.normalize else (z, _same)
        left, right = np.moveaxis(u, a, -1), np.moveaxis(v, b, 1)
        n, k = x.shape[0], x.shape[a]
        rows = left.reshape(n, math.prod(left.shape[1:-1]), k)
        columns = right.reshape(n, k, math.prod(right.shape[2:]))
        y = np.matmul(rows, columns).reshape(shape)

        def pullback(dy: Array) -> tuple[tuple[Array, Array], dict[str, Array]]:
            dy = dy.reshape(n, rows.shape[1], columns.shape[2])
            du = np.matmul(dy, columns.swapaxes(1, 2)).reshape(left.shape)
            dv = np.matmul(rows.swapaxes(1, 2), dy).reshape(right.shape)
            return (x_back(np.moveaxis(du, -1, a)), z_back(np.moveaxis(dv, 1, b))), {}

        return y, pullback

    def _two(self, shapes: Any) -> tuple[Any, Any]:
        if not isinstance(shapes, list) or len(shapes) != 2:
            count = len(shapes) if isinstance(shapes, list) else 1
            raise ShapeError(f"layer {self.name!r} (Dot) takes 2 inputs. Received: {count}")
        return shapes[0], shapes[1]

    def _axes(self, shapes: Any) -> tuple[int, int]:
        """The axes, counted from the front."""
        found = []
        for axis, shape in zip(self.axes, self._two(shapes), strict=True):
            front = axis + len(shape) if axis < 0 else axis
            if not 0 < front < len(shape):
                raise ShapeError(f"layer {self.name!r} (Dot): an input {tuple(shape)} has no axis {axis} to sum over")
            found.append(front)
        return found[0], found[1]


def _without(shape: Any, axis: int) -> tuple[Any, ...]:
    return (*shape[:axis], *shape[axis + 1 :])


def _same(d: Array) -> Array:
    return d


def _normalized(x: Array, axis: int) -> tuple[Array, Any]:
    """x divided by its length along an axis, which counts as epsilon if it is smaller; and the pullback."""
    square = (x * x).sum(axis, keepdims=True)
    least = settings.epsilon()
    longer = square > least * least
    inverse = 1 / np.sqrt(np.where(longer, square, least * least).astype(x.dtype))
    y = x * inverse

    def back(dy: Array) -> Array:
        along = (dy * y).sum(axis, keepdims=True) * longer
        return (dy - y * along) * inverse

    return y, back


def dot(inputs: Sequence[Any], axes: int | Sequence[int] = -1, **kwargs: Any) -> Any:
    """Products of two tensors or arrays, summed over `axes`: `Dot(axes, **kwargs)(inputs)`."""
    return Dot(axes, **kwargs)(list(inputs))


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"dot": Dot}
