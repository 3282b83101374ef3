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
        after = [size - out + pad[0] for size, out, pad in zip(self.size, self.out, self.pads, strict=True)]
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
    """The patches of images (n, h, w, c) as rows of matrices (groups, rows, width), a block of images at a time.

    A row holds the values under the kernel at one position, (kernel h, kernel w, c); c is a group's share of the
    channels. The matrix of a small batch is kept; those of a large one are made again for the gradient, which is
    quicker than fetching them from memory.
    """

    def __init__(self, x: Array, geo: Geometry, groups: int, ctx: Context, name: str) -> None:
        self.geo, self.groups, self.ctx, self.name = geo, groups, ctx, name
        self.x = padded(x, geo, ctx, f"{name} padded")
        self.per_image = geo.out[0] * geo.out[1]
        self.width = geo.kernel[0] * geo.kernel[1] * x.shape[-1] // groups
        self._kept = self.x.reshape(1, -1, self.width) if geo.is_pointwise and groups == 1 else None

    @property
    def rows(self) -> int:
        """The number of patches in the whole batch."""
        return len(self.x) * self.per_image

    def blocks(self) -> Iterator[tuple[slice, Array]]:
        """The place of each block among the rows of the batch, and its matrices (groups, rows, width)."""
        if self._kept is not None:
            yield slice(0, self.rows), self._kept
            return
        count, windows = len(self.x), self._windows()
        step = max(1, min(PATCH_VALUES // (self.per_image * self.width * self.groups), count))
        shape = (self.groups, step * self.per_image, self.width)
        matrices = room(self.ctx, f"{self.name} patches", shape, self.x)
        for start in range(0, count, step):
            stop = min(start + step, count)
            block = matrices[:, : (stop - start) * self.per_image]
            view = windows[:, start:stop]
            block.reshape(view.shape)[...] = view
            if step == count:
                self._kept = block
            yield slice(start * self.per_image, stop * self.per_image), block

    def _windows(self) -> Array:
        """The patches as a view of the padded images: (groups, n, h, w, kernel h, kernel w, c)."""
        geo = self.geo
        (height, width), (down, right), (rows, columns) = geo.out, geo.strides, geo.dilation
        x = self.x.reshape(*self.x.shape[:3], self.groups, self.x.shape[-1] // self.groups)
        windows = np.lib.stride_tricks.sliding_window_view(x, geo.reach, axis=(1, 2))
        windows = windows[:, ::down, ::right, :, :, ::rows, ::columns][:, :height, :width]
        return windows.transpose(3, 0, 1, 2, 5, 6, 4)


def correlate(patches: Patches, kernel: Array, bias: Array | None, ctx: Context, name: str) -> Array:
    """The convolution's rows (n h w, f): patches times kernel (kernel h, kernel w, c / groups, f), plus bias (f,)."""
    filters, groups = kernel.shape[-1], patches.groups
    y = room(ctx, name, (patches.rows, filters), patches.x)
    if groups == 1:
        matrix = kernel.reshape(patches.width, filters)
        for place, block in patches.blocks():
            ctx.kernels.affine(block[0], matrix, bias, y[place])
        return y
    matrices = kernel.reshape(patches.width, groups, -1).transpose(1, 0, 2)
    for place, block in patches.blocks():
        part = y[place]
        part.reshape(len(part), groups, -1)[...] = np.matmul(block, matrices).transpose(1, 0, 2)
        if bias is not None:
            np.add(part, bias, out=part)
    return y


def kernel_gradient(patches: Patches, dz: Array, out: Array | None, shape: tuple[int, ...], ctx: Context) -> Array:
    """The gradient of a kernel of `shape`, from the cotangent dz (n h w, f) of the convolution's rows."""
    gradient = ctx.backend.xp.empty(shape, dtype=dz.dtype) if out is None else out
    if not len(dz):
        gradient.fill(0)
        return gradient
    groups, filters = patches.groups, dz.shape[-1]
    total = gradient.reshape(patches.width, groups, filters // groups).transpose(1, 0, 2)
    for place, block in patches.blocks():
        part = dz[place]
        if groups > 1:
            product = np.matmul(block.swapaxes(1, 2), part.reshape(len(part), groups, -1).transpose(1, 0, 2))
        elif place.start:
            product = block[0].T.dot(part, ctx.work("kernel product", (patches.width, filters), dz.dtype))
        else:
            block[0].T.dot(part, gradient.reshape(patches.width, filters))
            continue
        np.add(total, product, out=total) if place.start else np.copyto(total, product)
    return gradient


def spread(dz: Array, kernel: Array, geo: Geometry, groups: int, ctx: Context, name: str) -> Array:
    """The inputs' cotangent (n, h, w, c) of a convolution, from that of its output, dz (n, h, w, f).

    Without strides it is a convolution with the mirrored kernel; else every tap of the kernel adds its product to
    the pixels it met.
    """
    if geo.mirrored is None:
        return _spread_by_taps(dz, kernel, geo, groups, ctx, name)
    rows, columns, depth, filters = kernel.shape
    parts = kernel[::-1, ::-1].reshape(rows, columns, depth, groups, filters // groups)
    mirrored = parts.transpose(0, 1, 4, 3, 2).reshape(rows, columns, filters // groups, groups * depth)
    patches = Patches(dz, geo.mirrored, groups, ctx, name)
    return correlate(patches, mirrored, None, ctx, name).reshape(len(dz), *geo.size, groups * depth)


def _spread_by_taps(dz: Array, kernel: Array, geo: Geometry, groups: int, ctx: Context, name: str) -> Array:
    rows, columns, depth, filters = kernel.shape
    count, per_image, channels = len(dz), geo.out[0] * geo.out[1], groups * depth
    whole = room(ctx, f"{name} padded", (count, *geo.padded_size, channels), dz)
    whole.fill(0)
    flat = dz.reshape(count * per_image, filters)
    step = max(1, min(PATCH_VALUES // (per_image * max(channels, filters)), count))
    product = room(ctx, f"{name} product", (step * per_image, channels), dz)
    for start in range(0, count, step):
        stop = min(start + step, count)
        block = flat[start * per_image : stop * per_image]
        part = product[: len(block)]
        for row in range(rows):
            for column in range(columns):
                _times_tap(block, kernel[row, column], groups, part)
                place = (slice(start, stop), *geo.tap(row, column))
                target = whole[place]
                np.add(target, part.reshape(target.shape), out=target)
    return cropped(whole, geo)


def _times_tap(block: Array, tap: Array, groups: int, out: Array) -> None:
    """out (rows, c) = block (rows, f) times the transpose of tap (c / groups, f), group by group."""
    if groups == 1:
        block.dot(tap.T, out)
        return
    parts = block.reshape(len(block), groups, -1).transpose(1, 0, 2)
    matrices = tap.reshape(len(tap), groups, -1).transpose(1, 2, 0)
    out.reshape(len(block), groups, -1)[...] = np.matmul(parts, matrices).transpose(1, 0, 2)


def cropped(whole: Array, geo: Geometry) -> Array:
    """The images without the pads around them."""
    (top, _), (left, _) = geo.pads
    return whole[:, top : top + geo.size[0], left : left + geo.size[1]] if geo.is_padded else whole
