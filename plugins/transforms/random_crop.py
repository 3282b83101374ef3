"""Random crop: a part of each image, somewhere."""

from __future__ import annotations

from typing import Literal

import numpy as np

from kexp.backend import Array
from kexp.core.component import positive_int
from kexp.core.transform import Transform
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_axes import chosen_format
from kexp_plugins.transforms.image_transform import ImageTransform, Pull
from kexp_plugins.transforms.resampling import fitted
from kexp_plugins.transforms.warping import Asarray


class RandomCrop(ImageTransform):
    """A part of `height` by `width` pixels of each image, in training from a place of its own.

    In inference, and where images are smaller than that, it is the largest part in the middle that has these
    proportions, brought to this size.
    Shapes: (n, h, w) or (n, h, w, c) -> (n, height, width) or (n, height, width, c).
    """

    random = True
    together = False
    """Whether all images of a batch are cut at one place."""

    def __init__(
        self, height: int, width: int, data_format: Literal["channels_last", "channels_first"] | None = None
    ) -> None:
        self.size = positive_int("height", height), positive_int("width", width)
        self.data_format = chosen_format(data_format)

    def output_size(self, height: int | None, width: int | None) -> tuple[int | None, int | None]:
        return self.size

    def applied(self, images: Array, stream: np.random.Generator | None, asarray: Asarray) -> tuple[Array, Pull]:
        count, height, width, _ = images.shape
        down, right = height - self.size[0], width - self.size[1]
        if stream is None or down < 0 or right < 0:
            return fitted(images, self.size, asarray=asarray)
        places = 1 if self.together else count
        tops, lefts = stream.integers(0, down + 1, places), stream.integers(0, right + 1, places)
        rows = asarray(tops[:, None] + np.arange(self.size[0]))[:, :, None]
        columns = asarray(lefts[:, None] + np.arange(self.size[1]))[:, None]
        numbers = asarray(np.arange(count))[:, None, None]

        def pull(dy: Array) -> Array:
            dx = np.zeros_like(dy, shape=images.shape)
            dx[numbers, rows, columns] = dy  # no pixel is taken twice
            return dx

        return images[numbers, rows, columns], pull


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"random_crop": RandomCrop}
