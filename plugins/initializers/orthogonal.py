"""orthogonal: a random matrix with orthonormal rows or columns."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kexp.core.component import number
from kexp.core.initializer import Initializer
from kexp.errors import ShapeError
from kexp.hookspecs import hookimpl


class Orthogonal(Initializer):
    """gain times a random matrix with orthonormal columns, or rows if it has fewer rows than columns.

    A weight of more axes is that matrix with all axes but the last in its rows. All orthogonal matrices are equally
    likely: Q of a normal matrix, its signs fixed by the diagonal of R (Saxe et al. 2014; Mezzadri 2007, section 5).
    Raises: ShapeError for a weight of fewer than 2 axes.
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        self.gain = number("gain", gain)
        self.seed = seed

    def sample(self, shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray[Any, Any]:
        if len(shape) < 2:
            raise ShapeError(f"orthogonal can only start a weight of at least 2 axes. Received: shape {shape}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(stream.standard_normal((max(rows, columns), min(rows, columns))))
        q *= np.sign(np.diagonal(r))
        return self.gain * (q if rows >= columns else q.T).reshape(shape)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"orthogonal": Orthogonal, "orthogonal_initializer": Orthogonal}
