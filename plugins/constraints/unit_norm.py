"""unit_norm: gives each unit's weights the norm 1."""

from __future__ import annotations

from kexp.backend import Array, settings
from kexp.core.constraint import Constraint
from kexp.hookspecs import hookimpl
from kexp_plugins.constraints.min_max_norm import Axes, checked_axes, norm_along


class UnitNorm(Constraint):
    """Scales weights so that their norm along `axis` is 1.

    `axis` 0 suits a Dense kernel (d, units), [0, 1, 2] a Conv2D kernel (h, w, c, filters).
    """

    def __init__(self, axis: int | Axes | None = 0) -> None:
        self.axis = checked_axes(axis)
        self._epsilon = settings.epsilon()

    def project(self, w: Array) -> Array:
        return w / (self._epsilon + norm_along(w, self.axis))


@hookimpl
def kexp_constraints() -> dict[str, type[Constraint]]:
    return {"unit_norm": UnitNorm}
