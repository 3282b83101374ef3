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

    The derivative at 0 is 1, as in Keras on JAX.
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
            if below <= 1:  # -1, 0, 1 -> below, 1, 1, exactly, and several times faster than np.where
                np.add(slope, 1.0, out=slope)
                np.maximum(slope, below, out=slope)
                np.minimum(slope, 1.0, out=slope)
            else:
                np.minimum(slope, 0.0, out=slope)
                np.multiply(slope, 1 - below, out=slope)
                np.add(slope, 1.0, out=slope)
            return np.multiply(dy, slope, out=slope)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"leaky_relu": LeakyRelu}
