"""hard_silu: y = x * hard_sigmoid(x), also called hard_swish."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl
from kexp_plugins.activations.hard_sigmoid import HardSigmoid


class HardSilu(Activation):
    """x * hard_sigmoid(x): 0 up to -3, x from 3 on, x (x + 3) / 6 between (Howard et al. 2019, section 5.2)."""

    _hard_sigmoid = HardSigmoid()

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        gate, gate_pullback = self._hard_sigmoid.forward(x, ctx=ctx)
        y = np.multiply(x, gate, out=ctx.work("hard_silu", x.shape, x.dtype))

        def pullback(dy: Array) -> Array:
            part = np.multiply(dy, x, out=ctx.work("hard_silu part", x.shape, x.dtype))
            dx = gate_pullback(part)
            np.multiply(dy, gate, out=part)
            return np.add(dx, part, out=dx)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"hard_silu": HardSilu, "hard_swish": HardSilu}
