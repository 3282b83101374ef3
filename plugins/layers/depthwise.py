"""Depthwise convolution: every channel with a kernel of its own, and its gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context
from kexp_plugins.layers.convolving import Geometry, cropped, padded, room

BLOCK_VALUES = 1 << 16  # four arrays of float32 of this length stay in a cache of 1 MiB


@dataclass
class Depthwise:
    """One depthwise convolution of images (n, h, w, c) with a kernel (kernel h, kernel w, c, multiplier).

    Tap after tap of the kernel is multiplied into shifted images; there is no sum over channels that a matrix
    product could take. Output channel c * multiplier + m belongs to input channel c.
    """

    x: Array
    kernel: Array
    geo: Geometry
    ctx: Context

    def __post_init__(self) -> None:
        self.multiplier = self.kernel.shape[-1]
        x = self.x if self.multiplier == 1 else np.repeat(self.x, self.multiplier, axis=-1)
        self.whole = padded(x, self.geo, self.ctx, "depthwise padded")
        self.channels = x.shape[-1]
        taps = self.kernel.reshape(*self.kernel.shape[:2], 1, self.channels)
        # spread over the width, the taps make NumPy's inner loop a whole row of pixels instead of one
        self.taps = room(self.ctx, "depthwise taps", (*taps.shape[:2], self.geo.out[1], self.channels), x)
        self.taps[...] = taps
        per_image = self.geo.out[0] * self.geo.out[1] * self.channels
        self.step = max(1, min(BLOCK_VALUES // max(per_image, 1), len(x)))
        self.product = room(self.ctx, "depthwise product", (self.step, *self.geo.out, self.channels), x)

    def output(self) -> Array:
        """The convolution (n, h, w, c multiplier)."""
        y = room(self.ctx, "depthwise y", (len(self.x), *self.geo.out, self.channels), self.x)
        for block in self._blocks():
            part, product = y[block], self.product[: block.stop - block.start]
            for number, (row, column) in enumerate(self._taps()):
                pixels = self.whole[(block, *self.geo.tap(row, column))]
                if not number:
                    np.multiply(pixels, self.taps[row, column], out=part)
                    continue
                np.multiply(pixels, self.taps[row, column], out=product)
                np.add(part, product, out=part)
        return y

    def kernel_gradient(self, dy: Array, out: Array | None) -> Array:
        """The kernel's gradient from the cotangent dy (n, h, w, c multiplier) of the output."""
        gradient = self.ctx.backend.xp.empty(self.kernel.shape, dtype=dy.dtype) if out is None else out
        gradient.fill(0)
        width = self.geo.out[1]
        for block in self._blocks():
            product = self.product[: block.stop - block.start]
            for row, column in self._taps():
                np.multiply(self.whole[(block, *self.geo.tap(row, column))], dy[block], out=product)
                sums = self.ctx.kernels.sum_rows(product.reshape(-1, width * self.channels))
                target = gradient[row, column]
                np.add(target, sums.reshape(width, *target.shape).sum(0), out=target)
        return gradient

    def input_cotangent(self, dy: Array) -> Array:
        """The cotangent of x from that of the output."""
        whole = room(self.ctx, "depthwise dx", self.whole.shape, dy)
        whole.fill(0)
        for block in self._blocks():
            product = self.product[: block.stop - block.start]
            for row, column in self._taps():
                target = whole[(block, *self.geo.tap(row, column))]
                np.multiply(dy[block], self.taps[row, column], out=product)
                np.add(target, product, out=target)
        dx = cropped(whole, self.geo)
        return dx if self.multiplier == 1 else dx.reshape(*self.x.shape, self.multiplier).sum(-1)

    def _taps(self) -> Iterator[tuple[int, int]]:
        rows, columns = self.geo.kernel
        return ((row, column) for row in range(rows) for column in range(columns))

    def _blocks(self) -> Iterator[slice]:
        count = len(self.x)
        return (slice(start, min(start + self.step, count)) for start in range(0, count, self.step))
