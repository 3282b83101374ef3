"""Framing: what the layers that pad and crop have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.errors import ShapeError
from kexp_plugins.layers.convolving import room
from kexp_plugins.layers.image_axes import Pair, along, channels, require_rank, spatial, with_axes


class Framing(Layer):
    """Base of layers that add zeros around the inner axes, or take margins off; `frame` is a pair for each axis."""

    flops_per_value = 0
    keeps_dtype = True
    rank: ClassVar[int] = 2
    frame: tuple[Pair, ...]
    data_format: str

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return config | {"data_format": self.data_format} if "data_format" in config else config

    def _resized(self, input_shape: Any, sign: int) -> Any:
        require_rank(self, input_shape, self.rank, self.data_format)
        inner = spatial(input_shape, self.data_format)
        out = tuple(
            None if size is None else size + sign * sum(pair) for size, pair in zip(inner, self.frame, strict=True)
        )
        if any(size is not None and size < 1 for size in out):
            raise ShapeError(
                f"layer {self.name!r} ({type(self).__name__}): nothing is left of an input of {inner} without margins "
                f"of {self.frame}. Received: {tuple(input_shape)}"
            )
        return with_axes(input_shape[0], out, channels(input_shape, self.data_format), self.data_format)

    def _inside(self, shape: tuple[int, ...]) -> tuple[slice, ...]:
        """The index of what lies within the frame, in an array of `shape`."""
        sizes = spatial(shape, self.data_format)
        parts = [slice(before, size - after) for (before, after), size in zip(self.frame, sizes, strict=True)]
        return along(parts, self.data_format)

    def _framed(self, x: Array, shape: tuple[int, ...], ctx: Context, name: str) -> Array:
        whole = room(ctx, name, shape, x)
        whole.fill(0)
        whole[self._inside(shape)] = x
        return whole


class ZeroFraming(Framing):
    """Base of layers that add zeros around."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self._resized(input_shape, 1)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        shape = self.compute_output_shape(x.shape)

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (dy[self._inside(shape)],), {}

        return self._framed(x, shape, ctx, "y"), pullback


class Cutting(Framing):
    """Base of layers that take margins off."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self._resized(input_shape, -1)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        self.compute_output_shape(x.shape)

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (self._framed(dy, x.shape, ctx, "dx"),), {}

        return x[self._inside(x.shape)], pullback
