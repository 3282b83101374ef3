"""softsign: y = x / (1 + |x|)."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl


class Softsign(Activation):
    """x / (1 + |x|): like tanh, with slower tails (Glorot & Bengio 2010, section 3)."""

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        size = np.abs(x, out=ctx.work("softsign size", x.shape, x.dtype))
        np.add(size, 1.0, out=size)
        y = np.divide(x, size, out=ctx.work("softsign", x.shape, x.dtype))

        def pullback(dy: Array) -> Array:
            slope = np.reciprocal(size, out=ctx.work("softsign slope", size.shape, size.dtype))
            np.multiply(slope, slope, out=slope)
            return np.multiply(dy, slope, out=slope)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"softsign": Softsign}
