"""Warping: images read at places that an affine map gives, in a few passes of array calls over many images at once.

Images are (n, h, w, c) and float. A map is six numbers a0 a1 a2 b0 b1 b2: the output pixel at column x and row y is
read at column a0 x + a1 y + a2 and row b0 x + b1 y + b2 of the input (all in pixels, centres at whole numbers).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.backend import Array

Asarray = Callable[..., Array]
"""`backend.asarray`, or np.asarray: how numbers of the host come to where the images are."""
Host = np.ndarray[Any, Any]

FILL_MODES = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("nearest", "bilinear")
PIECE = 1 << 15
"""Pixels that are worked on at once: their coordinates stay in the cache."""
EXACT = {"float32": 1 << 24, "float64": 1 << 53}
"""Below these, whole numbers are exact."""


@dataclass(frozen=True)
class Sampling:
    """What is read between pixels and outside of an image (a b c d).

    fill_mode: 'reflect' (d c b a | a b c d | d c b a), 'wrap' (a b c d | a b c d | a b c d), 'nearest'
    (a a a a | a b c d | d d d d) or 'constant' (`fill_value` everywhere).
    """

    fill_mode: str = "reflect"
    interpolation: str = "bilinear"
    fill_value: float = 0.0


def warp(images: Array, maps: Host, sampling: Sampling, asarray: Asarray = np.asarray) -> Array:
    """The images read at the places of `maps` (n, 6), one map an image."""
    y = np.empty_like(images)
    for rows, grid in _pieces(images, maps, sampling, asarray):
        for channel in range(images.shape[3]):
            y[rows, :, :, channel] = grid.read(images[rows, :, :, channel])
    return y


def warp_back(dy: Array, maps: Host, sampling: Sampling, asarray: Asarray = np.asarray) -> Array:
    """The cotangent of the images whose warp has the cotangent `dy`: the transpose of `warp`."""
    dx = np.empty_like(dy)
    for rows, grid in _pieces(dy, maps, sampling, asarray):
        for channel in range(dy.shape[3]):
            dx[rows, :, :, channel] = grid.spread(dy[rows, :, :, channel])
    return dx


def _pieces(images: Array, maps: Host, sampling: Sampling, asarray: Asarray) -> Iterator[tuple[slice, _Grid]]:
    count, height, width, _ = images.shape
    size = min(max(1, PIECE // (height * width)), count)
    on_device = asarray(maps.reshape(count, 2, 3), dtype=images.dtype)
    grid = _Grid(images, size, sampling, asarray, _reach(maps, height, width))
    for start in range(0, count, size):
        rows = slice(start, min(start + size, count))
        grid.lay(on_device[rows])
        yield rows, grid


def _reach(maps: Host, height: int, width: int) -> float:
    """How far from the first row or column pixels are read at most; at the corners, as maps are affine."""
    corners = np.array([[x, y, 1] for x in (0, width - 1) for y in (0, height - 1)])
    return float(np.abs(maps.reshape(-1, 3) @ corners.T).max(initial=0))


class _Grid:
    """The places of some images' pixels, and room for what is computed on the way.

    An image lies in a frame with a row and a column before it and two behind it, filled as the fill mode has it;
    coordinates are folded back into the frame. So the four neighbours of a place have one index, in four views of
    the same numbers that start one pixel later, one row later, and both.
    """

    def __init__(self, like: Array, size: int, sampling: Sampling, asarray: Asarray, reach: float) -> None:
        _, self.height, self.width, _ = like.shape
        self.sampling, self.reach = sampling, reach
        y, x = np.divmod(np.arange(self.height * self.width), self.width)
        self.pixels = asarray(np.stack([x, y, np.ones_like(x)]), dtype=like.dtype)
        self.line = self.width + 3
        area = (self.height + 3) * self.line
        self.exact = size * area < EXACT.get(str(like.dtype), 0)
        firsts = (np.arange(size) * area + self.line + 1)[:, None]
        self.firsts = asarray(firsts, dtype=like.dtype if self.exact else np.intp)
        self.frames = np.zeros_like(like, shape=(size, self.height + 3, self.line))
        shape = (size, self.height * self.width)
        self.places = np.empty_like(like, shape=(2, *shape))
        self.all_room = [np.empty_like(like, shape=shape) for _ in range(4)]
        self.all_index = np.empty_like(like, dtype=np.intp, shape=shape)
        # an index is never out of range, and NumPy takes fastest when it need not say so; CuPy never does
        self.unchecked: dict[str, Any] = {"mode": "clip"} if isinstance(like, np.ndarray) else {}

    def lay(self, maps: Array) -> None:
        """Compute the places of the pixels of len(maps) images."""
        count = len(maps)
        x, y = self.places[0, :count], self.places[1, :count]
        np.matmul(maps[:, 0], self.pixels, out=x)
        np.matmul(maps[:, 1], self.pixels, out=y)
        x_low, y_low, *_ = room = [room[:count] for room in self.all_room]
        self.room, self.index = [x, y, *room], self.all_index[:count]
        for places, low, size in ((y, y_low, self.height), (x, x_low, self.width)):
            if self.sampling.interpolation == "nearest":
                np.copysign(0.5, places, out=low)  # halves are rounded away from 0
                places += low
                np.trunc(places, out=places)
            _fold(places, size, self.sampling.fill_mode, self.reach, low)
            np.floor(places, out=low)
            places -= low  # what is left is the weight of the next pixel
        if self.exact:
            y_low *= self.line
            y_low += x_low
            y_low += self.firsts[:count]
            self.index[...] = y_low
        else:
            self.index[...] = y_low
            self.index *= self.line
            self.index += x_low.astype(np.intp)
            self.index += self.firsts[:count]

    def read(self, plane: Array) -> Array:
        """One channel (m, h, w) at the places; to be used before the next call."""
        x, y, spare, _, value, below = self.room
        self._frame(plane)
        self._take(0, value)
        if self.sampling.interpolation == "bilinear":
            self._mix(value, 1, x, spare)
            self._take(self.line, below)
            self._mix(below, self.line + 1, x, spare)
            below -= value
            below *= y
            value += below
        return value.reshape(plane.shape)

    def spread(self, dplane: Array) -> Array:
        """The cotangent of one channel, of which `read` has the cotangent (m, h, w)."""
        x, y, *_ = self.room
        frames, flat = self.frames[: len(dplane)], self.frames.reshape(-1)
        frames[...] = 0
        dplane = dplane.reshape(x.shape)
        if self.sampling.interpolation == "nearest":
            np.add.at(flat, self.index, dplane)
        else:
            above, below = dplane * (1 - y), dplane * y
            for start, weight in ((0, above * (1 - x)), (1, above * x), (self.line, below * (1 - x)),
                                  (self.line + 1, below * x)):  # fmt: skip
                np.add.at(flat[start:], self.index, weight)
        for axis, size in ((1, self.height), (2, self.width)):
            for place, source in _borders(size, self.sampling.fill_mode):
                if source is not None:
                    _line(frames, axis, source)[...] += _line(frames, axis, place)
        return frames[:, 1:-2, 1:-2]

    def _frame(self, plane: Array) -> None:
        frames = self.frames[: len(plane)]
        frames[:, 1:-2, 1:-2] = plane
        for axis, size in ((2, self.width), (1, self.height)):
            for place, source in _borders(size, self.sampling.fill_mode):
                filled = self.sampling.fill_value if source is None else _line(frames, axis, source)
                _line(frames, axis, place)[...] = filled

    def _take(self, start: int, out: Array) -> None:
        self.frames.reshape(-1)[start:].take(self.index, out=out, **self.unchecked)

    def _mix(self, value: Array, start: int, weight: Array, spare: Array) -> None:
        """value += weight * (its neighbour - value)."""
        self._take(start, spare)
        spare -= value
        spare *= weight
        value += spare


def _fold(places: Array, size: int, fill_mode: str, reach: float, spare: Array) -> None:
    """Move places outside of an axis to those inside, or in its frame, where the same is read."""
    if fill_mode == "constant":
        places.clip(-1, size, out=places)
    elif fill_mode == "nearest":
        places.clip(0, size - 1, out=places)
    elif fill_mode == "wrap":
        _modulo(places, size, spare)
    else:
        places += 0.5
        np.abs(places, out=places)
        if reach + 1 > 2 * size:
            _modulo(places, 2 * size, spare)
        places -= size
        np.abs(places, out=places)
        np.subtract(size - 0.5, places, out=places)


def _modulo(places: Array, period: int, spare: Array) -> None:
    np.multiply(places, 1 / period, out=spare)
    np.floor(spare, out=spare)
    spare *= period
    places -= spare
    places.clip(0, period, out=places)  # rounding may leave it a hair outside


def _borders(size: int, fill_mode: str) -> list[tuple[int, int | None]]:
    """The lines of a frame along an axis that are read, and which line of the framed image each repeats (None: none).

    Places that were reflected, or are the nearest, never lie on the last line.
    """
    if fill_mode == "constant":
        return [(0, None), (size + 1, None), (size + 2, None)]
    if fill_mode == "wrap":
        return [(0, size), (size + 1, 1), (size + 2, min(2, size))]
    return [(0, 1), (size + 1, size)]


def _line(frames: Array, axis: int, place: int) -> Array:
    return frames[:, place] if axis == 1 else frames[:, :, place]
