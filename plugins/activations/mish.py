"""mish: y = x * tanh(softplus(x))."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl
from kexp_plugins.activations.softplus import Softplus
from kexp_plugins.activations.tanh import Tanh


class Mish(Activation):
    """x * tanh(log(1 + exp(x))) (Misra 2019, eq. 1)."""

    _softplus, _tanh = Softplus(), Tanh()

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        smooth, smooth_pullback = self._softplus.forward(x, ctx=ctx)
        gate, gate_pullback = self._tanh.forward(smooth, ctx=ctx)
        y = np.multiply(x, gate, out=ctx.work("mish", x.shape, x.dtype))

        def pullback(dy: Array) -> Array:
            part = np.multiply(dy, x, out=ctx.work("mish part", x.shape, x.dtype))
            dx = smooth_pullback(gate_pullback(part))
            np.multiply(dy, gate, out=part)
            return np.add(dx, part, out=dx)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"mish": Mish}
