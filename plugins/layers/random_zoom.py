"""Random zoom: images made larger or smaller in training."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_layer import ImageLayer
from kexp_plugins.transforms import random_zoom


class RandomZoom(ImageLayer):
    """Each image is zoomed about its middle in training, by factors of its own.

    `height_factor`, `width_factor`: drawn from -factor ... factor or from a pair; 0.2 shows 20 % more (the image
    shrinks), -0.2 shows 20 % less. Without `width_factor` proportions are kept.
    Shapes: x (n, h, w, c), as it comes, channels second with data_format 'channels_first'.
    """

    random = True

    def __init__(
        self,
        height_factor: float | tuple[float, float],
        width_factor: float | tuple[float, float] | None = None,
        fill_mode: Literal["reflect", "wrap", "constant", "nearest"] = "reflect",
        interpolation: Literal["nearest", "bilinear"] = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._do(
            random_zoom.RandomZoom(height_factor, width_factor, fill_mode, interpolation, fill_value, data_format), seed
        )


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"random_zoom": RandomZoom}
