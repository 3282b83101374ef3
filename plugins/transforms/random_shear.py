"""Random shear: images slanted."""

from __future__ import annotations

from typing import Literal

import numpy as np

from kexp.core.transform import Transform
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.affine import Affine, maps_of
from kexp_plugins.transforms.image_transform import limits
from kexp_plugins.transforms.warping import Host


class RandomShear(Affine):
    """Each image is slanted in training, about its first pixel and by amounts of its own, to either side.

    `x_factor`: how many pixels to the side a pixel is moved for each pixel down, drawn from -factor ... factor or from
    a pair of numbers in 0 ... 1, whose sign is then drawn too; `y_factor`: the same along the columns.
    Shapes: (n, h, w) or (n, h, w, c), as it comes.
    """

    def __init__(
        self,
        x_factor: float | tuple[float, float] = 0.0,
        y_factor: float | tuple[float, float] = 0.0,
        interpolation: Literal["nearest", "bilinear"] = "bilinear",
        fill_mode: Literal["reflect", "wrap", "constant", "nearest"] = "reflect",
        fill_value: float = 0.0,
        data_format: Literal["channels_last", "channels_first"] | None = None,
    ) -> None:
        self.x_factor = limits("x_factor", x_factor, 0, 1)
        self.y_factor = limits("y_factor", y_factor, 0, 1)
        self._sample_by(fill_mode, interpolation, fill_value, data_format)

    def maps(self, count: int, height: int, width: int, stream: np.random.Generator) -> Host:
        sign = np.where(stream.random(count) > 0.5, -1.0, 1.0)
        down, across = (sign * stream.uniform(*factor, count) for factor in (self.y_factor, self.x_factor))
        return maps_of(count, a1=across, b0=down)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"random_shear": RandomShear}
