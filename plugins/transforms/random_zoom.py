"""Random zoom: images made larger or smaller about their middle."""

from __future__ import annotations

from typing import Literal

import numpy as np

from kexp.core.transform import Transform
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.affine import Affine, maps_of
from kexp_plugins.transforms.image_transform import limits
from kexp_plugins.transforms.warping import Host


class RandomZoom(Affine):
    """Each image is zoomed about its middle in training, by factors of its own.

    `height_factor`, `width_factor`: drawn from -factor ... factor or from a pair; 0.2 shows 20 % more (the image
    shrinks), -0.2 shows 20 % less. Without `width_factor` proportions are kept.
    Shapes: (n, h, w) or (n, h, w, c), as it comes.
    """

    def __init__(
        self,
        height_factor: float | tuple[float, float],
        width_factor: float | tuple[float, float] | None = None,
        fill_mode: Literal["reflect", "wrap", "constant", "nearest"] = "reflect",
        interpolation: Literal["nearest", "bilinear"] = "bilinear",
        fill_value: float = 0.0,
        data_format: Literal["channels_last", "channels_first"] | None = None,
    ) -> None:
        self.height_factor = _above_minus_one("height_factor", height_factor)
        self.width_factor = None if width_factor is None else _above_minus_one("width_factor", width_factor)
        self._sample_by(fill_mode, interpolation, fill_value, data_format)

    def maps(self, count: int, height: int, width: int, stream: np.random.Generator) -> Host:
        down = 1 + stream.uniform(*self.height_factor, count)
        across = down if self.width_factor is None else 1 + stream.uniform(*self.width_factor, count)
        return maps_of(count, a0=across, a2=(width - 1) / 2 * (1 - across), b1=down, b2=(height - 1) / 2 * (1 - down))


def _above_minus_one(name: str, factor: float | tuple[float, float]) -> tuple[float, float]:
    if -1 in (factor if isinstance(factor, list | tuple) else [factor]):
        raise ArgumentError(f"{name} must be above -1, at which an image has no size. Received: {factor!r}")
    return limits(name, factor, -1, 1)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"random_zoom": RandomZoom}
