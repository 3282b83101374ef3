"""glorot_uniform: uniform in ±sqrt(6 / (fan in + fan out))."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kexp.core.initializer import Initializer, fans
from kexp.hookspecs import hookimpl


class GlorotUniform(Initializer):
    """Uniform in ±sqrt(6 / (fan in + fan out)) (Glorot & Bengio 2010, eq. 16)."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed

    def sample(self, shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray[Any, Any]:
        limit = math.sqrt(6.0 / sum(fans(shape)))
        return stream.uniform(-limit, limit, shape)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"glorot_uniform": GlorotUniform}
