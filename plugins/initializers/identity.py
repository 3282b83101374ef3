"""identity: a matrix with a diagonal of ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.component import number
from kexp.core.initializer import Initializer
from kexp.errors import ShapeError
from kexp.hookspecs import hookimpl


class Identity(Initializer):
    """gain on the diagonal, 0 elsewhere.

    Raises: ShapeError for a weight that is no matrix.
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = number("gain", gain)

    def sample(self, shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray[Any, Any]:
        if len(shape) != 2:
            raise ShapeError(f"identity can only start a weight of 2 axes. Received: shape {shape}")
        return self.gain * np.eye(*shape)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"identity": Identity, "identity_initializer": Identity}
