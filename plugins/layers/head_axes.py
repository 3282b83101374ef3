"""How MultiHeadAttention arranges axes, and its projections."""

from __future__ import annotations

import math
from typing import Any

from kexp.backend import Array
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.errors import ArgumentError


class HeadAxes:
    """Brings (n, ..., heads, k) into the form (batch of all heads, steps, k), and back.

    The steps are those of the axes attended over; all other axes and the heads are the batch.
    """

    def __init__(self, ndim: int, axes: tuple[int, ...] | None) -> None:
        """`ndim`: that of the layer's inputs; `axes`: those attended over, all but first and last if None."""
        front = [axis + ndim if axis < 0 else axis for axis in axes or range(1, ndim - 1)]
        if any(not 0 < axis < ndim - 1 for axis in front):
            raise ArgumentError(f"attention_axes must be among the input's axes 1 to {ndim - 2}. Received: {axes!r}")
        self.over = front
        self.batch = [axis for axis in range(ndim) if axis not in front and axis != ndim - 1] + [ndim - 1]
        self.order = (*self.batch, *front, ndim)
        self.back = tuple(self.order.index(axis) for axis in range(ndim + 1))

    def batch_shape(self, x: Array) -> tuple[int, ...]:
        """The sizes of the batch axes: (n, ..., heads)."""
        return tuple(x.shape[axis] for axis in self.batch)

    def flat(self, x: Array) -> Array:
        """(n, ..., heads, k) as (batch of all heads, steps, k)."""
        steps = math.prod(x.shape[axis] for axis in self.over)
        return x.transpose(self.order).reshape(math.prod(self.batch_shape(x)), steps, x.shape[-1])

    def restored(self, x: Array, like: tuple[int, ...]) -> Array:
        """(batch of all heads, steps, k) in the arrangement of the shape `like`, but with k as last size."""
        sizes = [like[axis] for axis in (*self.batch, *self.over)]
        return x.reshape(*sizes, x.shape[-1]).transpose(self.back)


def project(layer: Layer, name: str, x: Array, shape: tuple[int, ...]) -> Array:
    """x (n, ..., d) @ kernel + bias, with the last axis as `shape`; the weights are the layer's of that name."""
    kernel, rows = _matrix(layer, name, x), x.reshape(-1, x.shape[-1])
    y = rows.dot(kernel)
    if layer.use_bias:  # type: ignore[attr-defined]
        y += layer.__dict__[f"{name}_bias"].reshape(-1)
    return y.reshape(*x.shape[:-1], *shape)


def projected_back(layer: Layer, name: str, x: Array, dy: Array, ctx: Context) -> tuple[Array, dict[str, Any]]:
    """The pullback of `project`: dx and the gradients."""
    kernel, rows = _matrix(layer, name, x), x.reshape(-1, x.shape[-1])
    d = dy.reshape(len(rows), -1)
    gradients = {f"{name}_kernel": rows.T.dot(d).reshape(layer.__dict__[f"{name}_kernel"].shape)}
    if layer.use_bias:  # type: ignore[attr-defined]
        gradients[f"{name}_bias"] = ctx.kernels.sum_rows(d).reshape(layer.__dict__[f"{name}_bias"].shape)
    return d.dot(kernel.T).reshape(x.shape), gradients


def _matrix(layer: Layer, name: str, x: Array) -> Array:
    """The kernel as a matrix from x's last axis to all others."""
    return layer.__dict__[f"{name}_kernel"].reshape(x.shape[-1], -1)
