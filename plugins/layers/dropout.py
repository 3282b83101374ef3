"""Dropout: sets a share of its inputs to zero in training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.component import fraction
from kexp.core.context import Context, Pullback, identity
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.noise import checked_noise_shape, drawn_shape


class Dropout(Layer):
    """Each input is kept with probability 1 - rate and then divided by it, in training; else nothing changes.

    With rate 1 all become 0. `noise_shape`: axes of size 1 (the batch axis is None) share one draw. The draws come
    from the layer's own stream.
    Shapes: x (n, ...) -> y (n, ...). Source: Srivastava et al. 2014, section 4.
    """

    flops_per_value = 0
    casts_ints = True
    supports_masking = True

    def __init__(
        self, rate: float, noise_shape: Sequence[int | None] | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate = fraction("rate", rate, or_one=True)
        self.noise_shape = checked_noise_shape(noise_shape)
        self.seed = seed

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        if not ctx.training or not self.rate:
            return x, _pass
        mask = self._mask(x, ctx)
        y = np.multiply(x, mask, out=ctx.work("y", x.shape, x.dtype))

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (np.multiply(dy, mask, out=ctx.work("dx", dy.shape, dy.dtype)),), {}

        return y, pullback

    def _mask(self, x: Array, ctx: Context) -> Array:
        """0 or 1 / (1 - rate) for each input; 16 random bits decide, which is rate to 8e-6 and four times as fast."""
        shape = x.shape if self.noise_shape is None else drawn_shape(self.noise_shape, x.shape)
        size = math.prod(shape)
        words = ctx.stream.bit_generator.random_raw(-(-size // 4))
        bits = words.view(np.uint16)[:size].reshape(shape)
        keep = ctx.backend.asarray(bits >= round(self.rate * (1 << 16)))
        scale = ctx.kernels.constant(1 / (1 - self.rate) if self.rate < 1 else 0.0, x)
        return np.multiply(keep, scale, out=ctx.work("mask", shape, x.dtype), dtype=x.dtype)


def _pass(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
    return (identity(dy),), {}


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"dropout": Dropout}
