"""Permute: the axes of each sample in another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.pooling import require_ndim


class Permute(Layer):
    """Axis dims[i] of the input becomes axis i + 1 of the output; axes count from 1, the batch axis stays.

    Shapes: x (n, a, b) -> y (n, b, a) with dims (2, 1).
    """

    flops_per_value = 0
    keeps_dtype = True

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims) if isinstance(dims, list | tuple) else ()
        if not self.dims or any(axis not in self.dims for axis in range(1, len(self.dims) + 1)):
            raise ArgumentError(
                f"dims must hold each of the numbers from 1 to the number of axes once. Received: {dims!r}"
            )

    def compute_output_shape(self, input_shape: Any) -> Any:
        require_ndim(self, input_shape, len(self.dims) + 1)
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        require_ndim(self, x.shape, len(self.dims) + 1)
        back = (0, *(self.dims.index(axis) + 1 for axis in range(1, x.ndim)))

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (dy.transpose(back),), {}

        return x.transpose((0, *self.dims)), pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"permute": Permute}
