"""sigmoid: y = 1 / (1 + exp(-x))."""

from __future__ import annotations

import math

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl

LOWEST = {2: -11.0, 4: -88.0, 8: -709.0}
"""Below this exp(-x) would overflow, by the bytes of a number; the sigmoid is as good as 0 there."""


class Sigmoid(Activation):
    """The logistic function, 1 / (1 + exp(-x))."""

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        lowest = LOWEST[x.dtype.itemsize]
        if x.size == 1 and type(x) is np.ndarray:  # Python does one number in less time than NumPy takes for a call
            y = np.empty_like(x)
            y.fill(1 / (1 + math.exp(-max(x.item(), lowest))))
        else:
            y = np.maximum(x, ctx.kernels.constant(lowest, x), out=ctx.work("sigmoid", x.shape, x.dtype))
            np.negative(y, out=y)
            np.exp(y, out=y)
            np.add(y, ctx.kernels.constant(1.0, y), out=y)
            np.reciprocal(y, out=y)

        def pullback(dy: Array) -> Array:
            slope = np.multiply(y, y, out=ctx.work("sigmoid slope", y.shape, y.dtype))
            np.subtract(y, slope, out=slope)
            return np.multiply(dy, slope, out=slope)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"sigmoid": Sigmoid}
