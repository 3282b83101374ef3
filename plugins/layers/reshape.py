"""Reshape: the same numbers in another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.errors import ArgumentError, ShapeError
from kexp.hookspecs import hookimpl


class Reshape(Layer):
    """Each sample in the shape `target_shape`, in row-major order; one entry may be -1, which is worked out.

    Shapes: x (n, ...) -> y (n, *target_shape).
    Raises: ShapeError if the number of values does not fit.
    """

    flops_per_value = 0
    keeps_dtype = True

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        sizes = tuple(target_shape) if isinstance(target_shape, list | tuple) else (None,)
        whole = all(isinstance(size, int | np.integer) and not isinstance(size, bool) for size in sizes)
        if not whole or sizes.count(-1) > 1 or min(sizes, default=0) < -1:
            raise ArgumentError(
                f"target_shape must be a tuple of sizes, at most one of them -1. Received: {target_shape!r}"
            )
        self.target_shape = tuple(map(int, sizes))

    def compute_output_shape(self, input_shape: Any) -> Any:
        sizes = input_shape[1:]
        if None in sizes:
            return (input_shape[0], *(None if size == -1 else size for size in self.target_shape))
        have, want = math.prod(sizes), math.prod(size for size in self.target_shape if size != -1)
        fits = (want and have % want == 0) if -1 in self.target_shape else have == want
        if not fits:
            raise ShapeError(
                f"layer {self.name!r} (Reshape): samples of shape {tuple(sizes)} hold {have} values and cannot "
                f"become {self.target_shape}"
            )
        return (input_shape[0], *(have // want if size == -1 else size for size in self.target_shape))

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        shape = self.compute_output_shape(x.shape)

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (dy.reshape(x.shape),), {}

        return x.reshape(shape), pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"reshape": Reshape}
