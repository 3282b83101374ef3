"""silu: y = x * sigmoid(x), also called swish."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl
from kexp_plugins.activations.sigmoid import Sigmoid


class Silu(Activation):
    """x * sigmoid(x) (Elfwing et al. 2017; named swish by Ramachandran et al. 2017)."""

    _sigmoid = Sigmoid()

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        gate, _ = self._sigmoid.forward(x, ctx=ctx)
        y = np.multiply(x, gate, out=ctx.work("silu", x.shape, x.dtype))

        def pullback(dy: Array) -> Array:
            slope = np.subtract(1.0, gate, out=ctx.work("silu slope", y.shape, y.dtype))
            np.multiply(slope, y, out=slope)
            np.add(slope, gate, out=slope)  # gate + y (1 - gate)
            return np.multiply(dy, slope, out=slope)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"silu": Silu, "swish": Silu}
