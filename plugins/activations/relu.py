"""relu: y = max(x, 0)."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.component import number
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl


class Relu(Activation):
    """Rectified linear unit: x above `threshold`, at most `max_value`; below it negative_slope * (x - threshold).

    The derivative at the threshold itself is negative_slope (Keras on JAX takes 1 where the slope is not 0), at
    `max_value` 0.
    """

    def __init__(self, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> None:
        self.negative_slope = number("negative_slope", negative_slope, least=0)
        self.max_value = None if max_value is None else number("max_value", max_value, least=0)
        self.threshold = number("threshold", threshold)
        self._plain = not self.negative_slope and self.max_value is None and not self.threshold

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        if not self._plain:
            return self._general(x)
        y = np.maximum(x, ctx.kernels.constant(0.0, x), out=ctx.work("relu", x.shape, x.dtype))

        def pullback(dy: Array) -> Array:
            # NumPy multiplies by a float mask several times faster than it casts a boolean one
            mask = np.sign(y, out=ctx.work("relu mask", y.shape, y.dtype))
            return np.multiply(dy, mask, out=mask)

        return y, pullback

    def _general(self, x: Array) -> tuple[Array, Pullback]:
        below = x <= self.threshold
        y = np.where(below, (x - self.threshold) * self.negative_slope, x)
        slope = np.where(below, np.full_like(x, self.negative_slope), np.full_like(x, 1.0))
        if self.max_value is not None:
            slope = np.where(y >= self.max_value, np.zeros_like(x), slope)
            y = np.minimum(y, self.max_value)
        return y, lambda dy: dy * slope


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"relu": Relu}
