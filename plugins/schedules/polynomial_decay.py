"""polynomial_decay: from one rate to another along a power of the time left."""

from __future__ import annotations

import math

from kexp.core.component import number
from kexp.core.schedule import Schedule
from kexp.hookspecs import hookimpl


class PolynomialDecay(Schedule):
    """(initial - end) (1 - step / decay_steps)^power + end, and the end rate after decay_steps.

    `cycle`: decay_steps is doubled, tripled, ... whenever it is passed, so the rate rises again and falls slower.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int | float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = number("initial_learning_rate", initial_learning_rate, least=0)
        self.decay_steps = number("decay_steps", decay_steps, above=0)
        self.end_learning_rate = number("end_learning_rate", end_learning_rate, least=0)
        self.power = number("power", power, least=0)
        self.cycle = cycle
        self.name = name

    def rate(self, step: int) -> float:
        length = self.decay_steps * (max(math.ceil(step / self.decay_steps), 1) if self.cycle else 1)
        left = 1.0 - min(step, length) / length
        share: float = left**self.power
        return (self.initial_learning_rate - self.end_learning_rate) * share + self.end_learning_rate


@hookimpl
def kexp_schedules() -> dict[str, type[Schedule]]:
    return {"polynomial_decay": PolynomialDecay}
