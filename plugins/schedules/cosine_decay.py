"""cosine_decay: down along half a cosine, after a straight warm-up if wanted."""

from __future__ import annotations

import math

from kexp.core.component import number
from kexp.core.schedule import Schedule
from kexp.hookspecs import hookimpl


class CosineDecay(Schedule):
    """initial_learning_rate ((1 - alpha) (1 + cos(pi step / decay_steps)) / 2 + alpha), constant after decay_steps.

    With `warmup_target` the rate first goes straight from initial_learning_rate to it in `warmup_steps` steps, and
    decays from there.
    Source: Loshchilov & Hutter 2017, equation 5.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int | float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int | float = 0,
    ) -> None:
        self.initial_learning_rate = number("initial_learning_rate", initial_learning_rate, least=0)
        self.decay_steps = number("decay_steps", decay_steps, above=0)
        self.alpha = number("alpha", alpha, least=0)
        self.name = name
        self.warmup_target = None if warmup_target is None else number("warmup_target", warmup_target, least=0)
        self.warmup_steps = number("warmup_steps", warmup_steps, least=0)

    def rate(self, step: int) -> float:
        start, done = self.initial_learning_rate, float(step)
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return (self.warmup_target - start) * step / self.warmup_steps + start
            start, done = self.warmup_target, step - self.warmup_steps
        wave = (1 + math.cos(math.pi * min(done, self.decay_steps) / self.decay_steps)) / 2
        return start * ((1 - self.alpha) * wave + self.alpha)


@hookimpl
def kexp_schedules() -> dict[str, type[Schedule]]:
    return {"cosine_decay": CosineDecay}
