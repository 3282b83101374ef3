"""softmax: y = exp(x) / sum(exp(x)) along an axis."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl


class Softmax(Activation):
    """exp(x) normalised to a sum of 1 along `axis`; the largest x is subtracted first, so exp cannot overflow."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        y = np.subtract(x, x.max(self.axis, keepdims=True), out=ctx.work("softmax", x.shape, x.dtype))
        np.exp(y, out=y)
        np.divide(y, y.sum(self.axis, keepdims=True), out=y)

        def pullback(dy: Array) -> Array:
            dx = np.multiply(dy, y, out=ctx.work("softmax dx", y.shape, y.dtype))
            return np.subtract(dx, y * dx.sum(self.axis, keepdims=True), out=dx)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"softmax": Softmax}
