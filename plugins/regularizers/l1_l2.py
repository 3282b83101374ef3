"""l1_l2: the sum of absolute values and the sum of squares."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.component import number
from kexp.core.regularizer import Regularizer
from kexp.hookspecs import hookimpl


class L1L2(Regularizer):
    """l1 * sum(|w|) + l2 * sum(w²). The derivative of |w| at 0 is 0, see L1."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = number("l1", l1, least=0)
        self.l2 = number("l2", l2, least=0)

    def call(self, w: Array) -> Array:
        return np.sum(np.abs(w)) * self.l1 + np.sum(w * w) * self.l2

    def gradient(self, w: Array) -> Array:
        return np.sign(w) * self.l1 + w * (2 * self.l2)


@hookimpl
def kexp_regularizers() -> dict[str, type[Regularizer]]:
    return {"l1_l2": L1L2}
