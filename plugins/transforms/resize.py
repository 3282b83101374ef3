"""Resize: images brought to one height and width."""

from __future__ import annotations

from typing import Literal

import numpy as np

from kexp.backend import Array
from kexp.core.component import number, one_of, positive_int
from kexp.core.transform import Transform
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_axes import chosen_format
from kexp_plugins.transforms.image_transform import ImageTransform, Pull
from kexp_plugins.transforms.resampling import INTERPOLATIONS, Resizing
from kexp_plugins.transforms.warping import Asarray


class Resize(ImageTransform):
    """Images brought to one height and width, in pixels; bytes stay bytes, rounded.

    Images are stretched, or keep their proportions: crop_to_aspect_ratio cuts margins off, pad_to_aspect_ratio adds
    margins of `fill_value`. `antialias` takes all pixels into account where an image shrinks.
    Shapes: (n, h, w) or (n, h, w, c) -> (n, height, width) or (n, height, width, c).
    """

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
    ) -> None:
        one_of("fill_mode", fill_mode, ("constant",))
        name = interpolation.lower() if isinstance(interpolation, str) else interpolation
        self.how = Resizing(
            (positive_int("height", height), positive_int("width", width)),
            str(one_of("interpolation", name, INTERPOLATIONS)),
            bool(crop_to_aspect_ratio),
            bool(pad_to_aspect_ratio),
            number("fill_value", fill_value),
            bool(antialias),
        )
        self.data_format = chosen_format(data_format)

    def output_size(self, height: int | None, width: int | None) -> tuple[int | None, int | None]:
        return self.how.size

    def applied(self, images: Array, stream: np.random.Generator | None, asarray: Asarray) -> tuple[Array, Pull]:
        return self.how.applied(images, asarray)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"resize": Resize}
