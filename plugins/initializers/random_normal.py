"""random_normal: normally distributed values."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.component import number
from kexp.core.initializer import Initializer
from kexp.hookspecs import hookimpl


class RandomNormal(Initializer):
    """Normally distributed around `mean` with the standard deviation `stddev`."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean = number("mean", mean)
        self.stddev = number("stddev", stddev, least=0)
        self.seed = seed

    def sample(self, shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray[Any, Any]:
        return stream.normal(self.mean, self.stddev, shape)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"random_normal": RandomNormal, "normal": RandomNormal}
