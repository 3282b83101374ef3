"""Resampling: images of another size, by weights along each axis, and windows cut out of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.errors import ArgumentError
from kexp_plugins.layers.interpolation import KERNELS, Host
from kexp_plugins.transforms.image_transform import Pull, same
from kexp_plugins.transforms.warping import Asarray

INTERPOLATIONS = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")


def gaussian(x: Host) -> Host:
    """Weight at distance x >= 0 of a bell with standard deviation 1/2, cut off at 3/2."""
    return np.where(x < 1.5, np.exp(-2 * x * x), 0)


def mitchell(x: Host) -> Host:
    """Weight at distance x >= 0 (Mitchell & Netravali 1988, eq. 8 with B = C = 1/3)."""
    near = (7 / 6 * x - 2) * x * x + 8 / 9
    far = ((-7 / 18 * x + 2) * x - 10 / 3) * x + 16 / 9
    return np.where(x < 1, near, np.where(x < 2, far, 0))


WEIGHTS: dict[str, Callable[[Host], Host]] = {**KERNELS, "gaussian": gaussian, "mitchellcubic": mitchell}
ALL_INTERPOLATIONS = (*INTERPOLATIONS, "area", "gaussian", "mitchellcubic")


@functools.lru_cache(maxsize=512)
def weights(interpolation: str, size: int, out: int, antialias: bool = False) -> Host:
    """The matrix (out, size) that brings an axis to another size; pixels are squares, each row adds up to 1.

    `antialias` widens the weights where the image shrinks. 'nearest' takes the pixel in whose square the middle of
    the new one lies, 'area' the mean of all that the new one covers.
    """
    if interpolation == "nearest":
        # in float32, as Keras has it on JAX: which pixel is taken where two are as near depends on it
        places = (np.arange(out, dtype=np.float32) + np.float32(0.5)) * np.float32(size) / np.float32(out)
        found: Host = np.zeros((out, size))
        found[np.arange(out), np.floor(places).astype(int)] = 1
    elif interpolation == "area":
        left, pixels = np.arange(out)[:, None] * size / out, np.arange(size)
        raw = np.minimum(left + size / out, pixels + 1) - np.maximum(left, pixels)
        found = raw.clip(0) / raw.clip(0).sum(1, keepdims=True)
    else:
        width = max(size / out, 1.0) if antialias else 1.0
        middles = (np.arange(out)[:, None] + 0.5) * size / out - 0.5
        raw = WEIGHTS[interpolation](np.abs(middles - np.arange(size)) / width)
        found = raw / raw.sum(axis=1, keepdims=True)
    found.flags.writeable = False
    return found


def resized(
    images: Array, size: tuple[int, int], interpolation: str, antialias: bool = False, asarray: Asarray = np.asarray
) -> tuple[Array, Pull]:
    """Images (n, h, w, c) of floats with the height and width `size`; and dy -> the images' cotangent."""
    y, pulls = images, []
    for axis in (1, 2):
        if y.shape[axis] != size[axis - 1]:
            y, pull = _along(y, axis, weights(interpolation, y.shape[axis], size[axis - 1], antialias), asarray)
            pulls.append(pull)

    def back(dy: Array) -> Array:
        for pull in reversed(pulls):
            dy = pull(dy)
        return dy

    return y, back


def _along(x: Array, axis: int, host: Host, asarray: Asarray) -> tuple[Array, Pull]:
    shape = x.shape
    matrix = asarray(host, dtype=x.dtype)
    used = np.flatnonzero(host.any(0))
    if 2 * len(used) < len(host[0]):  # of a large image that shrinks most lines count for nothing
        y = _product(asarray(host[:, used], dtype=x.dtype), x.take(asarray(used), axis=axis), axis)
    else:
        y = _product(matrix, x, axis)
    return y, lambda dy: _product(matrix.T, dy, axis).reshape(shape)


def _product(matrix: Array, x: Array, axis: int) -> Array:
    count, height, width, depth = x.shape
    if axis == 1:
        return np.matmul(matrix, x.reshape(count, height, width * depth)).reshape(count, len(matrix), width, depth)
    if depth == 1:
        return np.matmul(x.reshape(count * height, width), matrix.T).reshape(count, height, len(matrix), 1)
    return np.matmul(matrix, x)


@dataclass(frozen=True)
class Window:
    """A part of an image."""

    top: int
    left: int
    height: int
    width: int

    def cut(self, images: Array) -> tuple[Array, Pull]:
        """The part of images (n, h, w, c), a view; and its transpose."""
        rows = slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)
        if (self.height, self.width) == images.shape[1:3]:
            return images, same

        def pull(dy: Array) -> Array:
            dx = np.zeros_like(dy, shape=images.shape)
            dx[:, rows[0], rows[1]] = dy
            return dx

        return images[:, rows[0], rows[1]], pull


def largest_window(height: int, width: int, size: tuple[int, int]) -> Window:
    """The largest part in the middle of an image that has the proportions of `size` (height, width)."""
    tall = max(min(height, width * size[0] // size[1]), 1)
    wide = max(min(width, height * size[1] // size[0]), 1)
    return Window((height - tall) // 2, (width - wide) // 2, tall, wide)


def fitted(
    images: Array, size: tuple[int, int], interpolation: str = "bilinear", antialias: bool = False,
    asarray: Asarray = np.asarray,
) -> tuple[Array, Pull]:  # fmt: skip
    """The largest window of the proportions of `size`, brought to that size."""
    part, uncut = largest_window(images.shape[1], images.shape[2], size).cut(images)
    y, pull = resized(part, size, interpolation, antialias, asarray)
    return y, lambda dy: uncut(pull(dy))


def padded(images: Array, size: tuple[int, int], fill_value: float) -> tuple[Array, Pull]:
    """Images with margins of `fill_value` above and below, or left and right, to the proportions of `size`.

    Both margins are as wide: half of what is missing, rounded down, as in Keras.
    """
    count, height, width, depth = images.shape
    down = (max(height, width * size[0] // size[1]) - height) // 2
    right = 0 if down else (max(width, height * size[1] // size[0]) - width) // 2
    if not down and not right:
        return images, same
    y = np.full_like(images, fill_value, shape=(count, height + 2 * down, width + 2 * right, depth))
    inner = (slice(None), slice(down, down + height), slice(right, right + width))
    y[inner] = images
    return y, lambda dy: dy[inner]


@dataclass(frozen=True)
class Resizing:
    """How images are brought to one size.

    crop_to_aspect_ratio keeps proportions by cutting margins off, pad_to_aspect_ratio by adding margins of
    `fill_value`; else images are stretched.
    """

    size: tuple[int, int]
    interpolation: str = "bilinear"
    crop_to_aspect_ratio: bool = False
    pad_to_aspect_ratio: bool = False
    fill_value: float = 0.0
    antialias: bool = False

    def __post_init__(self) -> None:
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            raise ArgumentError("only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be true")

    def applied(self, images: Array, asarray: Asarray = np.asarray) -> tuple[Array, Pull]:
        """Images (n, h, w, c) of floats in the new size; and dy -> the images' cotangent."""
        options: dict[str, Any] = {"antialias": self.antialias, "asarray": asarray}
        if self.crop_to_aspect_ratio:
            return fitted(images, self.size, self.interpolation, **options)
        if not self.pad_to_aspect_ratio:
            return resized(images, self.size, self.interpolation, **options)
        whole, unpadded = padded(images, self.size, self.fill_value)
        y, pull = resized(whole, self.size, self.interpolation, **options)
        return y, lambda dy: unpadded(pull(dy))
