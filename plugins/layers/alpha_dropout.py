"""AlphaDropout: dropout that keeps mean and variance of what selu gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.component import fraction
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.noise import checked_noise_shape, kept, passed

LOWEST = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946
"""The limit of selu for x -> -inf."""


class AlphaDropout(Layer):
    """In training, inputs are set to selu's lowest value with probability `rate`, then all are scaled and shifted so
    that mean 0 and variance 1 remain; else y = x.

    Shapes: any; axes of size 1 in `noise_shape` share one draw. Source: Klambauer et al. 2017, section 3.
    """

    flops_per_value = 0
    casts_ints = True
    supports_masking = True

    def __init__(
        self, rate: float, noise_shape: Sequence[int | None] | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate = fraction("rate", rate)
        self.noise_shape = checked_noise_shape(noise_shape)
        self.seed = seed

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        if not ctx.training or not self.rate:
            return x, passed
        scale = ((1 - self.rate) * (1 + self.rate * LOWEST**2)) ** -0.5
        shift = -scale * LOWEST * self.rate
        keep = kept(x, self.rate, self.noise_shape, ctx)
        slope = keep * scale
        y = np.multiply(x, slope, out=ctx.work("y", x.shape, x.dtype))
        np.add(y, (1 - keep) * (scale * LOWEST) + shift, out=y)

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (np.multiply(dy, slope, out=ctx.work("dx", dy.shape, dy.dtype)),), {}

        return y, pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"alpha_dropout": AlphaDropout}
