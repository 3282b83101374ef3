"""Random brightness: images made brighter or darker in training."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_layer import ImageLayer
from kexp_plugins.transforms import random_brightness


class RandomBrightness(ImageLayer):
    """A number of its own is added to each image in training; values stay in `value_range`.

    `factor`: a fraction of the range's width, drawn from -factor ... factor or from a pair in -1 ... 1.
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
        self._do(random_brightness.RandomBrightness(factor, value_range, data_format), seed)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"random_brightness": RandomBrightness}
