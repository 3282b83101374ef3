"""l1: the sum of absolute values."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.component import number
from kexp.core.regularizer import Regularizer
from kexp.hookspecs import hookimpl


class L1(Regularizer):
    """l1 * sum(|w|). The derivative at 0 is 0, as in Keras on TensorFlow and PyTorch; on JAX it is l1."""

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = number("l1", l1, least=0)

    def call(self, w: Array) -> Array:
        return np.sum(np.abs(w)) * self.l1

    def gradient(self, w: Array) -> Array:
        return np.sign(w) * self.l1


@hookimpl
def kexp_regularizers() -> dict[str, type[Regularizer]]:
    return {"l1": L1}
