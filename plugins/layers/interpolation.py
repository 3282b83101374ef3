"""Interpolation along one axis as a matrix of weights."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

Host = np.ndarray[Any, Any]


def triangle(x: Host) -> Host:
    """Linear interpolation's weight at distance x >= 0, in pixels."""
    return np.asarray(np.maximum(0, 1 - x))


def cubic(x: Host) -> Host:
    """Cubic interpolation's weight at distance x >= 0, with a = -1/2 (Keys 1981, eq. 4 and 15)."""
    near, far = ((1.5 * x - 2.5) * x) * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def lanczos(radius: int) -> Callable[[Host], Host]:
    """Lanczos' weight at distance x >= 0: sinc(x) sinc(x / radius), 0 beyond the radius."""
    return lambda x: np.where(x > radius, 0, np.sinc(x) * np.sinc(x / radius))


KERNELS: dict[str, Callable[[Host], Host]] = {
    "bilinear": triangle,
    "bicubic": cubic,
    "lanczos3": lanczos(3),
    "lanczos5": lanczos(5),
}


@functools.lru_cache(maxsize=256)
def weights(interpolation: str, size: int, factor: int) -> Host:
    """The matrix (factor * size, size) that enlarges an axis; pixels are squares, and each row adds up to 1."""
    places = (np.arange(size * factor) + 0.5) / factor - 0.5
    raw = KERNELS[interpolation](np.abs(places[:, None] - np.arange(size)))
    found: Host = raw / raw.sum(axis=1, keepdims=True)
    found.flags.writeable = False
    return found
