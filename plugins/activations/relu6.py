"""relu6: y = min(max(x, 0), 6)."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl


class Relu6(Activation):
    """A relu that ends at 6 (Krizhevsky 2010). The derivative at 0 and at 6 is 0, as in Keras."""

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        y = np.maximum(x, 0.0, out=ctx.work("relu6", x.shape, x.dtype))
        np.minimum(y, 6.0, out=y)

        def pullback(dy: Array) -> Array:
            slope = np.subtract(6.0, y, out=ctx.work("relu6 slope", y.shape, y.dtype))
            np.multiply(slope, y, out=slope)
            np.sign(slope, out=slope)  # 1 where 0 < y < 6
            return np.multiply(dy, slope, out=slope)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"relu6": Relu6}
