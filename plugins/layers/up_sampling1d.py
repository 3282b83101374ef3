"""UpSampling1D: every time step several times."""

from __future__ import annotations

from typing import Any

from kexp.backend import Array
from kexp.core.component import positive_int
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.convolving import room
from kexp_plugins.layers.image_axes import require_rank


class UpSampling1D(Layer):
    """Every time step `size` times in a row.

    Shapes: x (n, t, c) -> y (n, size * t, c).
    Raises: ShapeError for inputs of another rank.

    >>> UpSampling1D(2)([[[1.0], [2.0]]]).tolist()
    [[[1.0], [1.0], [2.0], [2.0]]]
    """

    flops_per_value = 0
    keeps_dtype = True

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = positive_int("size", size)

    def compute_output_shape(self, input_shape: Any) -> Any:
        require_rank(self, input_shape, 1, "channels_last")
        batch, steps, depth = input_shape
        return (batch, None if steps is None else self.size * steps, depth)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        shape = self.compute_output_shape(x.shape)
        parts = (*x.shape[:2], self.size, x.shape[2])
        y = room(ctx, "y", shape, x)
        y.reshape(parts)[...] = x[:, :, None]

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (dy.reshape(parts).sum(2),), {}

        return y, pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"up_sampling1d": UpSampling1D}
