"""max_norm: keeps the norm of each unit's weights below a bound."""

from __future__ import annotations

from kexp.core.constraint import Constraint
from kexp.hookspecs import hookimpl
from kexp_plugins.constraints.min_max_norm import Axes, MinMaxNorm


class MaxNorm(MinMaxNorm):
    """Scales weights whose norm along `axis` is above max_value down to it (Srivastava et al. 2014, section 5.1).

    `axis` 0 suits a Dense kernel (d, units), [0, 1, 2] a Conv2D kernel (h, w, c, filters).
    """

    def __init__(self, max_value: float = 2, axis: int | Axes | None = 0) -> None:
        super().__init__(0.0, max_value, 1.0, axis)


@hookimpl
def kexp_constraints() -> dict[str, type[Constraint]]:
    return {"max_norm": MaxNorm}
