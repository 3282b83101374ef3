"""log_softmax: y = x - log(sum(exp(x))) along an axis."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl


class LogSoftmax(Activation):
    """The logarithm of softmax along `axis`; the largest x is subtracted first, so exp cannot overflow."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        y = np.subtract(x, x.max(self.axis, keepdims=True), out=ctx.work("log_softmax", x.shape, x.dtype))
        share = np.exp(y, out=ctx.work("log_softmax dx", x.shape, x.dtype))
        np.subtract(y, np.log(share.sum(self.axis, keepdims=True)), out=y)

        def pullback(dy: Array) -> Array:
            dx = np.exp(y, out=ctx.work("log_softmax dx", y.shape, y.dtype))
            np.multiply(dx, dy.sum(self.axis, keepdims=True), out=dx)
            return np.subtract(dy, dx, out=dx)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"log_softmax": LogSoftmax}
