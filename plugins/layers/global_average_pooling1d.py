"""GlobalAveragePooling1D: the mean of each channel."""

from __future__ import annotations

from typing import Any, Literal

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.global_pooling import GlobalPooling, global_mean


class GlobalAveragePooling1D(GlobalPooling):
    """The mean of each channel over all steps that a mask keeps.

    Shapes: x (n, t, c) -> y (n, c), or (n, 1, c) with `keepdims`; with 'channels_first' x is (n, c, t).
    """

    spatial = 1
    supports_masking = True

    def __init__(
        self,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        keepdims: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, keepdims, **kwargs)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        return global_mean(self, inputs[0], ctx)

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        return None


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"global_average_pooling1d": GlobalAveragePooling1D, "global_avg_pool1d": GlobalAveragePooling1D}
