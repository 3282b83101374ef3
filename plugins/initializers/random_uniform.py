"""random_uniform: uniformly distributed values."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.component import number
from kexp.core.initializer import Initializer
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl


class RandomUniform(Initializer):
    """Uniform in [minval, maxval).

    Raises: ArgumentError if minval is above maxval.
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval = number("minval", minval)
        self.maxval = number("maxval", maxval)
        if self.minval > self.maxval:
            raise ArgumentError(f"minval must not be above maxval. Received: minval={minval!r}, maxval={maxval!r}")
        self.seed = seed

    def sample(self, shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray[Any, Any]:
        return stream.uniform(self.minval, self.maxval, shape)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"random_uniform": RandomUniform, "uniform": RandomUniform}
