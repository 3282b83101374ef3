"""inverse_time_decay: the rate divided by 1 + decay_rate * step / decay_steps."""

from __future__ import annotations

import math

from kexp.core.component import number
from kexp.core.schedule import Schedule
from kexp.hookspecs import hookimpl


class InverseTimeDecay(Schedule):
    """initial_learning_rate / (1 + decay_rate * step / decay_steps); `staircase`: step / decay_steps rounded down.

    With decay_steps=1 it is what `decay=` was in Keras 2.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int | float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        self.initial_learning_rate = number("initial_learning_rate", initial_learning_rate, least=0)
        self.decay_steps = number("decay_steps", decay_steps, above=0)
        self.decay_rate = number("decay_rate", decay_rate, least=0)
        self.staircase = staircase
        self.name = name

    def rate(self, step: int) -> float:
        turns = step / self.decay_steps
        turns = math.floor(turns) if self.staircase else turns
        return self.initial_learning_rate / (1 + self.decay_rate * turns)


@hookimpl
def kexp_schedules() -> dict[str, type[Schedule]]:
    return {"inverse_time_decay": InverseTimeDecay}
