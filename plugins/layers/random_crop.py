"""Random crop: a part of images, in training somewhere."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_layer import ImageLayer
from kexp_plugins.transforms import random_crop


class RandomCrop(ImageLayer):
    """A part of `height` by `width` pixels, in training from a place that is drawn for each batch.

    In inference, and where images are smaller than that, it is the largest part in the middle that has these
    proportions, brought to this size.
    Shapes: x (n, h, w, c) -> y (n, height, width, c), channels second with data_format 'channels_first'.
    """

    random = True

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        step = random_crop.RandomCrop(height, width, data_format)
        step.together = True
        self._do(step, seed)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"random_crop": RandomCrop}
