"""AveragePooling2D: the mean of windows of an image."""

from __future__ import annotations

from typing import Any, Literal

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.pooling import Pooling, first_spatial_axis, pool_mean


class AveragePooling2D(Pooling):
    """The mean of each window of an image; `strides` is `pool_size` unless given.

    Shapes: x (n, h, w, c) -> y (n, h', w', c); with 'channels_first' the axes are (n, c, h, w).
    Padding cells, which 'same' adds, do not count.
    Raises: ShapeError if the windows do not fit into the input.
    """

    spatial = 2

    def __init__(
        self,
        pool_size: int | tuple[int, int],
        strides: int | tuple[int, int] | None = None,
        padding: Literal["valid", "same"] = "valid",
        data_format: Literal["channels_last", "channels_first"] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name=name, **kwargs)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        return pool_mean(x, self.windows(x), ctx, first_spatial_axis(self.data_format))


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"average_pooling2d": AveragePooling2D, "avg_pool2d": AveragePooling2D}
