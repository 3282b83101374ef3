"""cosine_decay_restarts: down along half a cosine again and again."""

from __future__ import annotations

import math

from kexp.core.component import number
from kexp.core.schedule import Schedule
from kexp.hookspecs import hookimpl


class CosineDecayRestarts(Schedule):
    """Cosine decays one after another: each t_mul times as long as the last and starting m_mul times as high.

    `first_decay_steps`: length of the first; `alpha`: the lowest rate as a share of initial_learning_rate.
    Source: Loshchilov & Hutter 2017, section 3 (SGDR).
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int | float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = number("initial_learning_rate", initial_learning_rate, least=0)
        self.first_decay_steps = number("first_decay_steps", first_decay_steps, above=0)
        self.t_mul = number("t_mul", t_mul, least=1)
        self.m_mul = number("m_mul", m_mul, least=0)
        self.alpha = number("alpha", alpha, least=0)
        self.name = name

    def rate(self, step: int) -> float:
        done = step / self.first_decay_steps
        if self.t_mul == 1:
            restarts = math.floor(done)
            done -= restarts
        else:  # a tiny bit more, for a logarithm that should be whole and is not quite
            restarts = math.floor(math.log(1 - done * (1 - self.t_mul)) / math.log(self.t_mul) + 1e-9)
            length = self.t_mul**restarts
            done = (done - (1 - length) / (1 - self.t_mul)) / length
        wave = self.m_mul**restarts * (1 + math.cos(math.pi * done)) / 2
        return self.initial_learning_rate * ((1 - self.alpha) * wave + self.alpha)


@hookimpl
def kexp_schedules() -> dict[str, type[Schedule]]:
    return {"cosine_decay_restarts": CosineDecayRestarts}
