"""ones: all values 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.initializer import Initializer
from kexp.hookspecs import hookimpl


class Ones(Initializer):
    """All values 1."""

    def sample(self, shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray[Any, Any]:
        return np.ones(shape)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"ones": Ones, "one": Ones}
