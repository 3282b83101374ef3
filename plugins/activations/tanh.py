"""tanh: the hyperbolic tangent."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl


class Tanh(Activation):
    """The hyperbolic tangent, (exp(x) - exp(-x)) / (exp(x) + exp(-x))."""

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        y = np.tanh(x, out=ctx.work("tanh", x.shape, x.dtype))

        def pullback(dy: Array) -> Array:
            slope = np.multiply(y, y, out=ctx.work("tanh slope", y.shape, y.dtype))
            np.subtract(1.0, slope, out=slope)
            return np.multiply(dy, slope, out=slope)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"tanh": Tanh}
