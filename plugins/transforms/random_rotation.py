"""Random rotation: images turned about their middle."""

from __future__ import annotations

from typing import Literal

import numpy as np

from kexp.core.transform import Transform
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.affine import Affine, maps_of
from kexp_plugins.transforms.image_transform import limits
from kexp_plugins.transforms.warping import Host


class RandomRotation(Affine):
    """Each image is turned about its middle in training, by an angle of its own, counter-clockwise.

    `factor`: a fraction of the full circle (1 is 360 degrees), drawn from -factor ... factor or from a pair; negative
    angles turn clockwise.
    Shapes: (n, h, w) or (n, h, w, c), as it comes.
    """

    def __init__(
        self,
        factor: float | tuple[float, float],
        fill_mode: Literal["reflect", "wrap", "constant", "nearest"] = "reflect",
        interpolation: Literal["nearest", "bilinear"] = "bilinear",
        fill_value: float = 0.0,
        data_format: Literal["channels_last", "channels_first"] | None = None,
    ) -> None:
        self.factor = limits("factor", factor, -1, 1)
        self._sample_by(fill_mode, interpolation, fill_value, data_format)

    def maps(self, count: int, height: int, width: int, stream: np.random.Generator) -> Host:
        angle = 2 * np.pi * stream.uniform(*self.factor, count)
        cos, sin, x, y = np.cos(angle), np.sin(angle), (width - 1) / 2, (height - 1) / 2
        return maps_of(count, a0=cos, a1=-sin, a2=x - x * cos + y * sin, b0=sin, b1=cos, b2=y - x * sin - y * cos)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"random_rotation": RandomRotation}
