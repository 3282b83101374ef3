"""l2: the sum of squares."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.component import number
from kexp.core.regularizer import Regularizer
from kexp.hookspecs import hookimpl


class L2(Regularizer):
    """l2 * sum(w²), without the factor 1/2 that others write."""

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = number("l2", l2, least=0)

    def call(self, w: Array) -> Array:
        return np.sum(w * w) * self.l2

    def gradient(self, w: Array) -> Array:
        return w * (2 * self.l2)


@hookimpl
def kexp_regularizers() -> dict[str, type[Regularizer]]:
    return {"l2": L2}
