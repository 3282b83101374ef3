"""non_neg: no weight below 0."""

from __future__ import annotations

import numpy as np

from kexp.backend import Array
from kexp.core.constraint import Constraint
from kexp.hookspecs import hookimpl


class NonNeg(Constraint):
    """Sets weights below 0 to 0."""

    def project(self, w: Array) -> Array:
        return np.maximum(w, 0.0)


@hookimpl
def kexp_constraints() -> dict[str, type[Constraint]]:
    return {"non_neg": NonNeg}
