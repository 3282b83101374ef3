"""Center crop: the middle of images."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_layer import ImageLayer
from kexp_plugins.transforms import center_crop


class CenterCrop(ImageLayer):
    """The middle of images, `height` by `width` pixels.

    Where an image is smaller than that, the largest part of these proportions is enlarged.
    Shapes: x (n, h, w, c) -> y (n, height, width, c), channels second with data_format 'channels_first'.
    """

    def __init__(
        self,
        height: int,
        width: int,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._do(center_crop.CenterCrop(height, width, data_format))


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"center_crop": CenterCrop}
