"""exponential: y = exp(x)."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl


class Exponential(Activation):
    """exp(x); inf where the dtype cannot hold it (above 88.7 in float32)."""

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        with np.errstate(over="ignore"):  # inf is the value, and a warning at every step would tell no more
            y = np.exp(x, out=ctx.work("exponential", x.shape, x.dtype))

        def pullback(dy: Array) -> Array:
            return np.multiply(dy, y, out=ctx.work("exponential dx", y.shape, y.dtype))

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"exponential": Exponential}
