"""Initializer: the start values of a weight."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from kexp.backend import settings
from kexp.core.component import Component
from kexp.core.streams import checked_seed


class Initializer(Component):
    """Contract of initializers: `sample(shape, stream)` gives the values in float64 on the host.

    The weight's own random stream is handed in; an initializer with a `seed` of its own gets a stream of that seed.
    """

    kind: ClassVar[str] = "initializer"
    seed: int | None = None

    def sample(self, shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray[Any, Any]:
        """Start values of the given shape."""
        raise NotImplementedError

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> np.ndarray[Any, Any]:
        """Values as Keras' initializers give them when called by hand."""
        seed = None if self.seed is None else checked_seed(self.seed, self.registered_name()) % (1 << 64)
        stream = np.random.default_rng(seed)
        return self.sample(tuple(shape), stream).astype(dtype or settings.floatx())


def fans(shape: tuple[int, ...]) -> tuple[float, float]:
    """(fan in, fan out) of a weight: of a kernel (..., in, out), channels times the receptive field.

    >>> fans((784, 10)), fans((3, 3, 8, 16))
    ((784, 10), (72, 144))
    """
    if len(shape) < 1:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field
