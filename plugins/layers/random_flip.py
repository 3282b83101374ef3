"""Random flip: images mirrored in training, half of them."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_layer import ImageLayer
from kexp_plugins.transforms import random_flip


class RandomFlip(ImageLayer):
    """Each image is mirrored with probability 1/2 in training: left to right, upside down, or both at once.

    With 'horizontal_and_vertical' an image is either mirrored in both directions or stays as it is, as in Keras.
    Shapes: x (n, h, w, c), as it comes, channels second with data_format 'channels_first'.
    """

    random = True

    def __init__(
        self,
        mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._do(random_flip.RandomFlip(mode, data_format), seed)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"random_flip": RandomFlip}
