"""leaky_relu: y = x above 0, negative_slope * x below."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.component import number
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl


class LeakyRelu(Activation):
    """x above 0, negative_slope * x below (Maas et al. 2013, section 2).

    The derivative at 0 is negative_slope, as in Keras on TensorFlow and PyTorch; on JAX it is 1.
    """

    def __init__(self, negative_slope: float = 0.2) -> None:
        self.negative_slope = number("negative_slope", negative_slope, least=0)

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        below = self.negative_slope
        y = np.multiply(x, below, out=ctx.work("leaky_relu", x.shape, x.dtype))
        farther = np.maximum if below <= 1 else np.minimum
        farther(x, y, out=y)

        def pullback(dy: Array) -> Array:
            slope = np.sign(x, out=ctx.work("leaky_relu slope", x.shape, x.dtype))
            if below <= 1:  # -1, 0, 1 -> below, below, 1: several times faster than np.where
                np.maximum(slope, below, out=slope)
            else:
                np.maximum(slope, 0.0, out=slope)
                np.multiply(slope, 1 - below, out=slope)
                np.add(slope, below, out=slope)
            return np.multiply(dy, slope, out=slope)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"leaky_relu": LeakyRelu}
