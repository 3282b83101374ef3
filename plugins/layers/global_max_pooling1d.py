"""GlobalMaxPooling1D: the largest value of each channel."""

from __future__ import annotations

from typing import Any, Literal

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.global_pooling import GlobalPooling, global_max


class GlobalMaxPooling1D(GlobalPooling):
    """The largest value of each channel over all steps.

    Shapes: x (n, t, c) -> y (n, c), or (n, 1, c) with `keepdims`; with 'channels_first' x is (n, c, t).
    """

    spatial = 1

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
    return {"global_max_pooling1d": GlobalMaxPooling1D, "global_max_pool1d": GlobalMaxPooling1D}
