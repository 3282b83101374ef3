"""elu: y = x above 0, alpha * (exp(x) - 1) below."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.component import number
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl


class Elu(Activation):
    """Exponential linear unit: x above 0, alpha * (exp(x) - 1) below (Clevert et al. 2016, section 3).

    The derivative at 0 is alpha, as in Keras.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = number("alpha", alpha, least=0)

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        return scaled_elu(x, self.alpha, 1.0, ctx)


def scaled_elu(x: Array, alpha: float, scale: float, ctx: Context) -> tuple[Array, Pullback]:
    """scale * elu(x), and its pullback."""
    low = alpha * scale  # -low is the limit for x -> -inf
    y = np.minimum(x, 0.0, out=ctx.work("elu", x.shape, x.dtype))
    np.expm1(y, out=y)
    np.multiply(y, low, out=y)
    above = np.maximum(x, 0.0, out=ctx.work("elu above", x.shape, x.dtype))
    np.multiply(above, scale, out=above)
    np.add(y, above, out=y)

    def pullback(dy: Array) -> Array:
        # below: low * exp(x) = y + low; above: scale. Arithmetic on signs is several times faster than np.where.
        slope = np.minimum(y, 0.0, out=ctx.work("elu slope", y.shape, y.dtype))
        np.add(slope, low, out=slope)
        if low != scale:
            step = np.sign(above, out=ctx.work("elu step", y.shape, y.dtype))
            np.multiply(step, scale - low, out=step)
            np.add(slope, step, out=slope)
        return np.multiply(dy, slope, out=slope)

    return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"elu": Elu}
