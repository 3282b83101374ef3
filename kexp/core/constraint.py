"""Constraint: a projection that is applied to a weight after each update."""

from __future__ import annotations

from typing import ClassVar

from kexp.backend import Array
from kexp.core.component import Component


class Constraint(Component):
    """Contract of constraints: `project(w)` gives the nearest allowed weight, of the same shape and dtype."""

    kind: ClassVar[str] = "constraint"

    def project(self, w: Array) -> Array:
        """The allowed weight that stands in for w; w itself is not changed."""
        raise NotImplementedError

    def __call__(self, w: Array) -> Array:
        return self.project(w)
