"""Constraint: a projection that is applied to a weight after each update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from kexp.backend import Array
from kexp.core.component import Component, resolve
from kexp.errors import ArgumentError


class Constraint(Component):
    """Contract of constraints: `project(w)` gives the nearest allowed weight, of the same shape and dtype."""

    kind: ClassVar[str] = "constraint"

    def project(self, w: Array) -> Array:
        """The allowed weight that stands in for w; w itself is not changed."""
        raise NotImplementedError

    def __call__(self, w: Array) -> Array:
        return self.project(w)


class FunctionConstraint(Constraint):
    """A plain function of a weight as a constraint."""

    def __init__(self, function: Callable[[Array], Array]) -> None:
        self.function = function

    def project(self, w: Array) -> Array:
        return self.function(w)


def get_constraint(spec: Any, where: str = "") -> Constraint | None:
    """The constraint that `spec` names: a name, a mapping, a class, an object, or a function of a weight.

    Raises: ArgumentError if it is none of them; `where` says to what the constraint belongs.
    """
    found = resolve("constraint", spec, where)
    if found is None or isinstance(found, Constraint):
        return found
    if not callable(found):
        place = f" (at {where})" if where else ""
        raise ArgumentError(
            f"a constraint must be a name, a mapping with 'type', an object or a function{place}. Received: {spec!r}"
        )
    return FunctionConstraint(found)
