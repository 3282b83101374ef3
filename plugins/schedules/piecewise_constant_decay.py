"""piecewise_constant_decay: one rate up to each boundary, another after it."""

from __future__ import annotations

from bisect import bisect_left

from kexp.core.component import number
from kexp.core.schedule import Schedule
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl


class PiecewiseConstantDecay(Schedule):
    """values[0] up to and including step boundaries[0], values[1] up to boundaries[1], ..., the last after all."""

    def __init__(self, boundaries: list[int | float], values: list[float], name: str = "PiecewiseConstant") -> None:
        self.boundaries = [number("boundaries", step) for step in boundaries]
        self.values = [number("values", value, least=0) for value in values]
        self.name = name
        if len(boundaries) != len(values) - 1:
            raise ArgumentError(
                f"values must be one more than boundaries. Received: {len(values)} values, {len(boundaries)} boundaries"
            )
        if self.boundaries != sorted(self.boundaries):
            raise ArgumentError(f"boundaries must ascend. Received: {boundaries!r}")

    def rate(self, step: int) -> float:
        return self.values[bisect_left(self.boundaries, step)]


@hookimpl
def kexp_schedules() -> dict[str, type[Schedule]]:
    return {"piecewise_constant_decay": PiecewiseConstantDecay}
