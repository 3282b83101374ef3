"""Center crop: the middle of images."""

from __future__ import annotations

from typing import Literal

import numpy as np

from kexp.backend import Array
from kexp.core.component import positive_int
from kexp.core.transform import Transform
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_axes import chosen_format
from kexp_plugins.transforms.image_transform import ImageTransform, Pull
from kexp_plugins.transforms.resampling import Window, fitted
from kexp_plugins.transforms.warping import Asarray


class CenterCrop(ImageTransform):
    """The middle of images, `height` by `width` pixels; bytes stay bytes.

    Where an image is smaller than that, the largest part of these proportions is enlarged.
    Shapes: (n, h, w) or (n, h, w, c) -> (n, height, width) or (n, height, width, c).
    """

    keeps_dtype = True

    def __init__(
        self, height: int, width: int, data_format: Literal["channels_last", "channels_first"] | None = None
    ) -> None:
        self.size = positive_int("height", height), positive_int("width", width)
        self.data_format = chosen_format(data_format)

    def output_size(self, height: int | None, width: int | None) -> tuple[int | None, int | None]:
        return self.size

    def applied(self, images: Array, stream: np.random.Generator | None, asarray: Asarray) -> tuple[Array, Pull]:
        down, right = (there - here for there, here in zip(images.shape[1:3], self.size, strict=True))
        if down < 0 or right < 0:
            return fitted(images, self.size, asarray=asarray)
        return Window(down // 2, right // 2, *self.size).cut(images)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"center_crop": CenterCrop}
