"""GlobalMaxPooling2D: the largest value of each channel."""

from __future__ import annotations

from typing import Any, Literal

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.global_pooling import GlobalPooling, global_max


class GlobalMaxPooling2D(GlobalPooling):
    """The largest value of each channel over the image.

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
        return global_max(self, inputs[0])


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"global_max_pooling2d": GlobalMaxPooling2D, "global_max_pool2d": GlobalMaxPooling2D}
