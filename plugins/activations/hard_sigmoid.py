"""hard_sigmoid: three straight lines in place of the sigmoid."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl


class HardSigmoid(Activation):
    """x / 6 + 1/2, cut off at 0 and 1: Keras 3's definition. Keras 2 had another, see `keras2_hard_sigmoid`.

    The derivative where the lines meet, at ±3, is 0, as in Keras.
    """

    reach: ClassVar[float] = 3.0
    """|x| from which on y is flat."""

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        reach, width = self.reach, 2 * self.reach
        y = np.add(x, reach, out=ctx.work("hard_sigmoid", x.shape, x.dtype))
        np.maximum(y, 0.0, out=y)
        np.minimum(y, width, out=y)
        np.divide(y, width, out=y)

        def pullback(dy: Array) -> Array:
            slope = np.subtract(1.0, y, out=ctx.work("hard_sigmoid slope", y.shape, y.dtype))
            np.multiply(slope, y, out=slope)
            np.sign(slope, out=slope)  # 1 where 0 < y < 1
            np.divide(slope, width, out=slope)
            return np.multiply(dy, slope, out=slope)

        return y, pullback


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"hard_sigmoid": HardSigmoid}
