"""SpatialDropout2D: sets whole channels of an image to zero in training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.dropout import Dropout
from kexp_plugins.layers.image_axes import chosen_format


class SpatialDropout2D(Dropout):
    """Each channel of each sample is dropped as a whole with probability `rate`, in training; else y = x.

    Shapes: x (n, h, w, c) -> y (n, h, w, c), or (n, c, h, w) with 'channels_first'.
    Source: Tompson et al. 2015, section 3.2.
    """

    min_ndim = 4
    supports_masking = True

    def __init__(
        self,
        rate: float,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
        trainable: bool = True,
        input_shape: Sequence[int | None] | None = None,
    ) -> None:
        self.data_format = chosen_format(data_format)
        shared = (None, 1, 1, None) if self.data_format == "channels_last" else (None, None, 1, 1)
        super().__init__(rate, shared, seed, name=name, dtype=dtype, trainable=trainable, input_shape=input_shape)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"data_format": self.data_format}


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"spatial_dropout2d": SpatialDropout2D}
