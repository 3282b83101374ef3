"""GaussianDropout: multiplies by normal random numbers around 1 in training."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.component import fraction
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.noise import normal, passed


class GaussianDropout(Layer):
    """y = x * noise of mean 1 and standard deviation sqrt(rate / (1 - rate)), in training; else y = x.

    Shapes: any. Source: Srivastava et al. 2014, section 10.
    """

    flops_per_value = 0
    casts_ints = True
    supports_masking = True

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = fraction("rate", rate)
        self.seed = seed

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        if not ctx.training or not self.rate:
            return x, passed
        factor = normal(x, ctx) * math.sqrt(self.rate / (1 - self.rate)) + 1

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (np.multiply(dy, factor, out=ctx.work("dx", dy.shape, dy.dtype)),), {}

        return np.multiply(x, factor, out=ctx.work("y", x.shape, x.dtype)), pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"gaussian_dropout": GaussianDropout}
