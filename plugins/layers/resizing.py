"""Resizing: images brought to one height and width."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_layer import ImageLayer
from kexp_plugins.transforms import resize


class Resizing(ImageLayer):
    """Images brought to one height and width, in pixels; whole numbers stay whole, rounded.

    Images are stretched, or keep their proportions: crop_to_aspect_ratio cuts margins off, pad_to_aspect_ratio adds
    margins of `fill_value`. `antialias` takes all pixels into account where an image shrinks.
    Shapes: x (n, h, w, c) -> y (n, height, width, c), channels second with data_format 'channels_first'.
    """

    casts_ints = False
    keeps_dtype = True

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: Literal["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"] = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: Literal["constant"] = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._do(
            resize.Resize(
                height,
                width,
                interpolation,
                crop_to_aspect_ratio,
                pad_to_aspect_ratio,
                fill_mode,
                fill_value,
                antialias,
                data_format,
            )
        )


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"resizing": Resizing}
