"""Random contrast: images whose differences from their mean grow or shrink."""

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


class RandomContrast(ImageTransform):
    """y = (x - mean) * contrast + mean in training, with a contrast of its own for each image; values stay in range.

    The mean is that of each image's channel. The contrast is drawn from 1 - lower ... 1 + upper; `factor` is the pair
    (lower, upper) in 0 ... 1, or one number for both.
    Shapes: (n, h, w) or (n, h, w, c), as it comes.
    """

    random = True

    def __init__(
        self,
        factor: float | tuple[float, float],
        value_range: tuple[float, float] = (0, 255),
        data_format: Literal["channels_last", "channels_first"] | None = None,
    ) -> None:
        self.factor = limits("factor", factor, 0, 1, signed=False)
        self.value_range = checked_range(value_range)
        self.data_format = chosen_format(data_format)

    def applied(self, images: Array, stream: np.random.Generator | None, asarray: Asarray) -> tuple[Array, Pull]:
        if stream is None:
            return images, same
        drawn = stream.uniform(1 - self.factor[0], 1 + self.factor[1], (len(images), 1, 1, 1))
        contrast = asarray(drawn, dtype=images.dtype)
        mean = images.mean((1, 2), keepdims=True)
        y, inside = kept_within((images - mean) * contrast + mean, self.value_range)

        def pull(dy: Array) -> Array:
            kept = inside(dy)
            return kept * contrast + (1 - contrast) * kept.mean((1, 2), keepdims=True)

        return y, pull


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"random_contrast": RandomContrast}
