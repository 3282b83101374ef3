"""Random flip: images mirrored, half of them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kexp.backend import Array
from kexp.core.component import one_of
from kexp.core.transform import Transform
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_axes import chosen_format
from kexp_plugins.transforms.affine import maps_of, merged
from kexp_plugins.transforms.image_transform import ImageTransform, Pull, same
from kexp_plugins.transforms.warping import Asarray, Host

MODES = ("horizontal", "vertical", "horizontal_and_vertical")


class RandomFlip(ImageTransform):
    """Each image is mirrored with probability 1/2 in training: left to right, upside down, or both at once.

    With 'horizontal_and_vertical' an image is either mirrored in both directions, turned by 180 degrees that is, or
    stays as it is, as in Keras; for independent flips use one step for each.
    Shapes: (n, h, w) or (n, h, w, c), as it comes.
    """

    random = True

    def __init__(
        self,
        mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = "horizontal_and_vertical",
        data_format: Literal["channels_last", "channels_first"] | None = None,
    ) -> None:
        self.mode = str(one_of("mode", mode, MODES))
        self.data_format = chosen_format(data_format)

    def maps(self, count: int, height: int, width: int, stream: np.random.Generator) -> Host:
        """The same as maps (count, 6), see `warping`; they take as many random numbers."""
        flipped = self._draws(count, stream)
        across, down = (flipped if part in self.mode else 0.0 for part in ("horizontal", "vertical"))
        return maps_of(
            count, a0=1 - 2 * across, a2=across * (width - 1), b1=1 - 2 * down, b2=down * (height - 1)
        )  # fmt: skip

    def merged(self, following: Transform) -> Transform | None:
        return merged(self, following)

    def applied(self, images: Array, stream: np.random.Generator | None, asarray: Asarray) -> tuple[Array, Pull]:
        if stream is None:
            return images, same
        flipped = asarray(self._draws(len(images), stream) > 0)[:, None, None, None]

        def mirrored(x: Array) -> Array:
            turned = x[:, ::-1] if "vertical" in self.mode else x
            return np.where(flipped, turned[:, :, ::-1] if "horizontal" in self.mode else turned, x)

        return mirrored(images), mirrored

    def _draws(self, count: int, stream: np.random.Generator) -> np.ndarray[Any, Any]:
        return (stream.random(count) <= 0.5).astype(np.float64)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"random_flip": RandomFlip}
