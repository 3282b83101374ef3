"""MaxPooling1D: the largest value of windows along the time axis."""

from __future__ import annotations

from typing import Any, Literal

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.pooling import Pooling, pool_max


class MaxPooling1D(Pooling):
    """The largest value of each window along the time axis; `strides` is `pool_size` unless given.

    Shapes: x (n, t, c) -> y (n, t', c); with 'channels_first' the axes are (n, c, t).
    Padding cells, which 'same' adds, never are the largest.
    Raises: ShapeError if the windows do not fit into the input.
    """

    spatial = 1

    def __init__(
        self,
        pool_size: int | tuple[int] = 2,
        strides: int | tuple[int] | None = None,
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
    return {"max_pooling1d": MaxPooling1D, "max_pool1d": MaxPooling1D}
