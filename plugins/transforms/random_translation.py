"""Random translation: images moved."""

from __future__ import annotations

from typing import Literal

import numpy as np

from kexp.core.transform import Transform
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.affine import Affine, maps_of
from kexp_plugins.transforms.image_transform import limits
from kexp_plugins.transforms.warping import Host


class RandomTranslation(Affine):
    """Each image is moved in training, by distances of its own.

    `height_factor`, `width_factor`: fractions of height and width, drawn from -factor ... factor or from a pair;
    positive ones move down and to the right.
    Shapes: (n, h, w) or (n, h, w, c), as it comes.
    """

    def __init__(
        self,
        height_factor: float | tuple[float, float],
        width_factor: float | tuple[float, float],
        fill_mode: Literal["reflect", "wrap", "constant", "nearest"] = "reflect",
        interpolation: Literal["nearest", "bilinear"] = "bilinear",
        fill_value: float = 0.0,
        data_format: Literal["channels_last", "channels_first"] | None = None,
    ) -> None:
        self.height_factor = limits("height_factor", height_factor, -1, 1)
        self.width_factor = limits("width_factor", width_factor, -1, 1)
        self._sample_by(fill_mode, interpolation, fill_value, data_format)

    def maps(self, count: int, height: int, width: int, stream: np.random.Generator) -> Host:
        down = height * stream.uniform(*self.height_factor, count)
        right = width * stream.uniform(*self.width_factor, count)
        return maps_of(count, a2=-right, b2=-down)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"random_translation": RandomTranslation}
