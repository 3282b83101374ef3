"""What the affine transforms of images have in common: maps that are drawn, one warp, and maps one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.component import number, one_of
from kexp.core.transform import Transform
from kexp_plugins.layers.image_axes import chosen_format
from kexp_plugins.transforms.image_transform import ImageTransform, Pull, same
from kexp_plugins.transforms.warping import FILL_MODES, INTERPOLATIONS, Asarray, Host, Sampling, warp, warp_back


class Affine(ImageTransform):
    """A random affine map for each image; `maps` draws them."""

    random = True

    def _sample_by(self, fill_mode: Any, interpolation: Any, fill_value: Any, data_format: Any) -> None:
        self.sampling = Sampling(
            str(one_of("fill_mode", fill_mode, FILL_MODES)),
            str(one_of("interpolation", interpolation, INTERPOLATIONS)),
            number("fill_value", fill_value),
        )
        self.data_format = chosen_format(data_format)

    def maps(self, count: int, height: int, width: int, stream: np.random.Generator) -> Host:
        """The maps (count, 6) of that many images, from output to input pixels (see `warping`)."""
        raise NotImplementedError

    def merged(self, following: Transform) -> Transform | None:
        return merged(self, following)

    def applied(self, images: Array, stream: np.random.Generator | None, asarray: Asarray) -> tuple[Array, Pull]:
        if stream is None:
            return images, same
        count, height, width, _ = images.shape
        maps = self.maps(count, height, width, stream)

        def pull(dy: Array) -> Array:
            return warp_back(dy, maps, self.sampling, asarray)

        return warp(images, maps, self.sampling, asarray), pull


class Merged(Affine):
    """Affine steps as one warp: pixels are interpolated once, which is faster and blurs less."""

    def __init__(self, parts: Sequence[Any], sampling: Sampling, data_format: str) -> None:
        self.parts = list(parts)
        self.sampling, self.data_format = sampling, data_format

    def maps(self, count: int, height: int, width: int, stream: np.random.Generator) -> Host:
        drawn = (part.maps(count, height, width, stream) for part in self.parts)
        return reduce(one_after_the_other, drawn, maps_of(count))


def merged(first: Any, second: Any) -> Merged | None:
    """Two neighbouring steps in one, if both are maps and read pixels in the same way."""
    ways = {step.sampling for step in (first, second) if isinstance(step, Affine)}
    if not hasattr(second, "maps") or first.data_format != second.data_format or len(ways) != 1:
        return None
    parts = [part for step in (first, second) for part in (step.parts if isinstance(step, Merged) else [step])]
    return Merged(parts, ways.pop(), first.data_format)


def maps_of(count: int, **numbers: Any) -> Host:
    """Maps (count, 6) from the numbers that are not those of the identity, as a0=..., b2=..."""
    found = np.zeros((count, 6))
    found[:, (0, 4)] = 1.0
    for name, values in numbers.items():
        found[:, "ab".index(name[0]) * 3 + int(name[1])] = values
    return found


def one_after_the_other(first: Host, second: Host) -> Host:
    """The maps that do in one warp what a warp by `first`, and then one by `second`, would do."""
    a, b = first.reshape(-1, 2, 3), second.reshape(-1, 2, 3)
    both = a[:, :, :2] @ b
    both[:, :, 2] += a[:, :, 2]
    return np.asarray(both.reshape(-1, 6))
