"""Random brightness: images made brighter or darker."""

from __future__ import annotations

from typing import Literal

import numpy as np

from kexp.backend import Array
from kexp.core.transform import Transform
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_axes import chosen_format
from kexp_plugins.transforms.image_transform import ImageTransform, Pull, limits, same
from kexp_plugins.transforms.lighting import checked_range, kept_within
from kexp_plugins.transforms.warping import Asarray


class RandomBrightness(ImageTransform):
    """A number of its own is added to each image in training; values stay in `value_range`.

    `factor`: a fraction of the range's width, drawn from -factor ... factor or from a pair in -1 ... 1.
    Shapes: (n, h, w) or (n, h, w, c), as it comes.
    """

    random = True

    def __init__(
        self,
        factor: float | tuple[float, float],
        value_range: tuple[float, float] = (0, 255),
        data_format: Literal["channels_last", "channels_first"] | None = None,
    ) -> None:
        self.factor = limits("factor", factor, -1, 1)
        self.value_range = checked_range(value_range)
        self.data_format = chosen_format(data_format)

    def applied(self, images: Array, stream: np.random.Generator | None, asarray: Asarray) -> tuple[Array, Pull]:
        if stream is None:
            return images, same
        low, high = self.value_range
        added = stream.uniform(*self.factor, (len(images), 1, 1, 1)) * (high - low)
        return kept_within(images + asarray(added, dtype=images.dtype), self.value_range)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"random_brightness": RandomBrightness}
