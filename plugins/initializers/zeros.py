"""zeros: all values 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.initializer import Initializer
from kexp.hookspecs import hookimpl


class Zeros(Initializer):
    """All values 0."""

    def sample(self, shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray[Any, Any]:
        return np.zeros(shape)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"zeros": Zeros, "zero": Zeros}
