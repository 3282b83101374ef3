"""GlobalAveragePooling2D: the mean of each channel."""

from __future__ import annotations

from typing import Any, Literal

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.global_pooling import GlobalPooling, global_mean


class GlobalAveragePooling2D(GlobalPooling):
    """The mean of each channel over the image.

    Shapes: x (n, h, w, c) -> y (n, c), or (n, 1, 1, c) with `keepdims`; 'channels_first': x (n, c, h, w).
    """

    spatial = 2

    def __init__(
        self,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        keepdims: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, keepdims, **kwargs)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        return global_mean(self, inputs[0], ctx)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"global_average_pooling2d": GlobalAveragePooling2D, "global_avg_pool2d": GlobalAveragePooling2D}
