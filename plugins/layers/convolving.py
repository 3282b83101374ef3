"""Convolution of images as matrix products over patches, and its gradients."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context

Pair = tuple[int, int]
PATCH_VALUES = 1 << 18  # float32: 1 MiB, so that the patches of a block are still in the cache when BLAS reads them


@dataclass(frozen=True)
class Geometry:
    """Where the patches of an image lie: pads are (before, after) by axis, all sizes (h, w)."""

    size: Pair
    out: Pair
    kernel: Pair
    strides: Pair
    dilation: Pair
    pads: tuple[Pair, Pair]

    @functools.cached_property
    def reach(self) -> Pair:
        """The extent of a kernel with its holes."""
        return extent(self.kernel[0], self.dilation[0]), extent(self.kernel[1], self.dilation[1])

    @functools.cached_property
    def padded_size(self) -> Pair:
        """The image's size with its pads."""
        return self.size[0] + sum(self.pads[0]), self.size[1] + sum(self.pads[1])

    @functools.cached_property
    def is_padded(self) -> bool:
        """Whether there are pads at all."""
        return self.padded_size != self.size

    @functools.cached_property
    def is_pointwise(self) -> bool:
        """Whether every patch is one pixel, and every pixel a patch: the image itself is the patches' matrix."""
        return self.kernel == (1, 1) and self.out == self.size and not self.is_padded

    @functools.cached_property
    def mirrored(self) -> Geometry | None:
        """That of the convolution which gives the inputs' cotangent; None with strides, where there is none."""
        if self.strides != (1, 1):
            return None
        before = [reach - 1 - pad[0] for reach, pad in zip(self.reach, self.pads, strict=True)]
        after = [
            size - out + pad[0] for size, out, pad in zip(self.size, self.out, self.pads, strict=True)
        ]
        if min(*before, *after) < 0:
            return None
        pads = ((before[0], after[0]), (before[1], after[1]))
        return Geometry(self.out, self.size, self.kernel, (1, 1), self.dilation, pads)

    def tap(self, row: int, column: int) -> tuple[slice, slice]:
        """The pixels of the padded image that the kernel's value at (row, column) meets."""
        spans = zip((row, column), self.dilation, self.strides, self.out, strict=True)
        height, width = (slice(at * hole, at * hole + step * (n - 1) + 1, step) for at, hole, step, n in spans)
        return height, width


def extent(kernel: int, dilation: int) -> int:
    """The extent of a kernel with its holes along one axis.

    >>> extent(3, 1), extent(3, 2)
    (3, 5)
    """
    return (kernel - 1) * dilation + 1


def pads_and_size(size: int, kernel: int, stride: int, dilation: int, padding: str) -> tuple[Pair, int]:
    """(pad before, pad after) and the number of patches along one axis, by TensorFlow's rule.

    >>> pads_and_size(6, 3, 2, 1, "same"), pads_and_size(6, 3, 2, 1, "valid"), pads_and_size(6, 3, 1, 2, "causal")
    (((0, 1), 3), ((0, 0), 2), ((4, 0), 6))
    """
    reach = extent(kernel, dilation)
    if padding == "valid":
        return (0, 0), (size - reach) // stride + 1
    out = -(-size // stride)
    if padding == "causal":
        return (reach - 1, 0), out
    total = max((out - 1) * stride + reach - size, 0)
    return (total // 2, total - total // 2), out


@functools.lru_cache(maxsize=1024)
def geometry(size: Pair, kernel: Pair, strides: Pair, dilation: Pair, padding: str) -> Geometry:
    """The geometry of a convolution; the width alone is padded where padding is 'causal'."""
    above, height = pads_and_size(size[0], kernel[0], strides[0], dilation[0], padding)
    beside, width = pads_and_size(size[1], kernel[1], strides[1], dilation[1], padding)
    return Geometry(size, (height, width), kernel, strides, dilation, (above, beside))


def room(ctx: Context, name: str, shape: tuple[int, ...], like: Array) -> Array:
    """A work array of the context, or a new one where it keeps none."""
    array = ctx.work(name, shape, like.dtype)
    return ctx.backend.xp.empty(shape, dtype=like.dtype) if array is None else array


def padded(x: Array, geo: Geometry, ctx: Context, name: str) -> Array:
    """The images (n, h, w, c) with zeros around, rows in one piece."""
    if not geo.is_padded:
        if x.flags.c_contiguous:
            return x
        whole = room(ctx, name, x.shape, x)
        whole[...] = x
        return whole
    (top, _), (left, _) = geo.pads
    height, width = geo.size
    whole = room(ctx, name, (len(x), *geo.padded_size, x.shape[-1]), x)
    whole[:, :top] = 0
    whole[:, top + height :] = 0
    whole[:, :, :left] = 0
    whole[:, :, left + width :] = 0
    whole[:, top : top + height, left : left + width] = x
    return whole


class Patches:
    """The patches of images (n, h, w, c) as rows of a matrix, for one block of images after the other.

    A row holds the values under the kernel, (kernel h, kernel w, c), of one position; with groups there is a matrix
    for each, and c its share of the channels. The one matrix of a small batch is kept, large ones are made again
    for the gradient: that is quicker than to fetch them from memory.
    """

    def __init__(self, x: Array, geo: Geometry, groups: int, ctx: Context, name: str) -> None:
        self.geo, self.groups, self.ctx, self.name = geo, groups, ctx, name
        self.x = padded(x, geo, ctx, f"{name} padded")
        self.per_image = geo.out[0] * geo.out[1]
        self.width = geo.kernel[0] * geo.kernel[1] * x.shape[-1] // groups
        values = self.per_image * self.width * groups
        self.step = len(x) if geo.is_pointwise and groups == 1 else max(1, PATCH_VALUES // max(values, 1))
        self._kept: Array | None = None

    def blocks(self) -> Iterator[tuple[slice, Array]]:
        """The rows of each block in the whole batch, and its matrix (rows, width) or (groups, rows, width)."""
        count = len(self.x)
        if self.geo.is_pointwise and self.groups == 1:
            yield slice(0, count * self.per_image), self.x.reshape(-1, self.width)
            return
        if self._kept is not None:
            yield slice(0, count * self.per_image), self._kept
            return
        views = self._views()
        step = min(self.step, count)
        shape = (step * self.per_image, self.width)
        matrix = room(self.ctx, f"{self.name} patches", shape if self.groups == 1 else (self.groups, *shape), self.x)
        for start in range(0, count, max(step, 1)):
            stop = min(start + step, count)
            block = matrix[..., : (stop - start) * self.per_image, :]
            view = views[start:stop] if self.groups == 1 else views[:, start:stop]
            block.reshape(view.shape)[...] = view
            if step == count:
                self._kept = block
            yield slice(start * self.per_image, stop * self.per_image), block

    def _views(self) -> Array:
        """A view of the padded images, (n, h, w, kernel h, kernel w, c), with the groups' axis first if any."""
        geo = self.geo
        (height, width), (down, right), (rows, columns) = geo.out, geo.strides, geo.dilation
        windows = np.lib.stride_tricks.sliding_window_view(self.x, geo.reach, axis=(1, 2))
        windows = windows[:, ::down, ::right, :, ::rows, ::columns][:, :height, :width]
        windows = windows.transpose(0, 1, 2, 4, 5, 3)
        if self.groups == 1:
            return windows
        *axes, channels = windows.shape
        strided = self.x.reshape(*self.x.shape[:3], self.groups, channels // self.groups)
        windows = np.lib.stride_tricks.sliding_window_view(strided, geo.reach, axis=(1, 2))
        windows = windows[:, ::down, ::right, :, :, ::rows, ::columns][:, :height, :width]
        return windows.transpose(3, 0, 1, 2, 5, 6, 4)
