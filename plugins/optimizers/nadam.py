"""nadam: adam with Nesterov momentum."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array, Kernels
from kexp.core.component import ScheduleSpec, fraction, number
from kexp.core.optimizer import Optimizer, Slots
from kexp.hookspecs import hookimpl

_WARM_UP = np.cumprod(1 - 0.5 * 0.96 ** np.arange(1, 1201)).tolist()  # later factors are 1 in float64


class Nadam(Optimizer):
    """Adam whose momentum beta_1 (1 - 0.96^t / 2) grows with the step t and looks one step ahead.

    Source: Dozat 2016, algorithm 2.
    """

    slots: ClassVar[tuple[str, ...]] = ("momentum", "velocity")

    def __init__(
        self,
        learning_rate: ScheduleSpec = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.beta_1 = fraction("beta_1", beta_1)
        self.beta_2 = fraction("beta_2", beta_2)
        self.epsilon = number("epsilon", epsilon, least=0)

    def update(self, w: Array, g: Array, slots: Slots, *, step: int, lr: float, kernels: Kernels) -> None:
        m, v, work = slots["momentum"], slots["velocity"], kernels.work("nadam", g)
        now, ahead = (self.beta_1 * (1 - 0.5 * 0.96**t) for t in (step, step + 1))
        np.multiply(m, self.beta_1, out=m)
        np.multiply(g, 1 - self.beta_1, out=work)
        np.add(m, work, out=m)
        np.multiply(v, self.beta_2, out=v)
        np.multiply(g, g, out=work)
        np.multiply(work, 1 - self.beta_2, out=work)
        np.add(v, work, out=v)
        np.multiply(g, (1 - now) / (1 - self._product(step)), out=g)
        np.multiply(m, ahead / (1 - self._product(step + 1)), out=work)
        np.add(g, work, out=g)
        np.sqrt(v, out=work)
        np.multiply(work, 1 / math.sqrt(1 - self.beta_2**step), out=work)
        np.add(work, self.epsilon, out=work)
        np.divide(g, work, out=g)
        np.multiply(g, lr, out=g)
        np.subtract(w, g, out=w)
        for name in self.slots:
            kernels.flush_tiny(slots[name], step)

    def saved_numbers(self) -> list[float]:
        return [self._product(self.iterations) if self.iterations else 1.0]

    def _product(self, step: int) -> float:
        """The product of the momenta of steps 1 to `step`."""
        warm_up: float = _WARM_UP[min(step, len(_WARM_UP)) - 1]
        return warm_up * self.beta_1**step


@hookimpl
def kexp_optimizers() -> dict[str, type[Optimizer]]:
    return {"nadam": Nadam}
