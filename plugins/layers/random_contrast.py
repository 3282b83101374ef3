"""Random contrast: images whose differences from their mean grow or shrink in training."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_layer import ImageLayer
from kexp_plugins.transforms import random_contrast


class RandomContrast(ImageLayer):
    """y = (x - mean) * contrast + mean in training, with a contrast of its own for each image; values stay in range.

    The mean is that of each image's channel. The contrast is drawn from 1 - lower ... 1 + upper; `factor` is the pair
    (lower, upper) in 0 ... 1, or one number for both.
    Shapes: x (n, h, w, c), as it comes, channels second with data_format 'channels_first'.
    """

    random = True

    def __init__(
        self,
        factor: float | tuple[float, float],
        value_range: tuple[float, float] = (0, 255),
        seed: int | None = None,
        *,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._do(random_contrast.RandomContrast(factor, value_range, data_format), seed)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"random_contrast": RandomContrast}
