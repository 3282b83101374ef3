"""MaxPooling2D: the largest value of windows of an image."""

from __future__ import annotations

from typing import Any, Literal

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.pooling import Pooling, pool_max


class MaxPooling2D(Pooling):
    """The largest value of each window of an image; `strides` is `pool_size` unless given.

    Shapes: x (n, h, w, c) -> y (n, h', w', c); with 'channels_first' the axes are (n, c, h, w).
    Padding cells, which 'same' adds, never are the largest.
    Raises: ShapeError if the windows do not fit into the input.
    """

    spatial = 2

    def __init__(
        self,
        pool_size: int | tuple[int, int] = (2, 2),
        strides: int | tuple[int, int] | None = None,
        padding: Literal["valid", "same"] = "valid",
        data_format: Literal["channels_last", "channels_first"] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name=name, **kwargs)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        return pool_max(x, self.windows(x), ctx)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"max_pooling2d": MaxPooling2D, "max_pool2d": MaxPooling2D}
