"""truncated_normal: normally distributed values, none farther out than two standard deviations."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.component import number
from kexp.core.initializer import Initializer
from kexp.hookspecs import hookimpl


class TruncatedNormal(Initializer):
    """Normal around `mean`; what lies more than 2 `stddev` from it is drawn again.

    `stddev` is that of the whole normal distribution, as in Keras; that of the values is 0.8796 times as large.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean = number("mean", mean)
        self.stddev = number("stddev", stddev, least=0)
        self.seed = seed

    def sample(self, shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray[Any, Any]:
        return self.mean + self.stddev * within_two(shape, stream)


def within_two(shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray[Any, Any]:
    """Standard normal values, those outside [-2, 2] drawn again."""
    values = stream.standard_normal(shape if shape else (1,))
    while (out := np.abs(values) > 2).any():
        values[out] = stream.standard_normal(np.count_nonzero(out))
    return values.reshape(shape)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"truncated_normal": TruncatedNormal}
