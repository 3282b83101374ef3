"""adamax: adam with the largest gradient so far in place of the root mean square."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array, Kernels
from kexp.core.component import ScheduleSpec, fraction, number
from kexp.core.optimizer import Optimizer, Slots
from kexp.hookspecs import hookimpl


class Adamax(Optimizer):
    """m = beta_1 m + (1 - beta_1) g; u = max(beta_2 u, |g|); w -= lr m / ((1 - beta_1^t) (u + epsilon)).

    Source: Kingma & Ba 2015, algorithm 2, with an epsilon, as in Keras.
    """

    slots: ClassVar[tuple[str, ...]] = ("momentum", "norm")

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
        m, u, work = slots["momentum"], slots["norm"], kernels.work("adamax", g)
        np.multiply(m, self.beta_1, out=m)
        np.multiply(g, 1 - self.beta_1, out=work)
        np.add(m, work, out=m)
        np.multiply(u, self.beta_2, out=u)
        np.abs(g, out=g)
        np.maximum(u, g, out=u)
        np.add(u, self.epsilon, out=work)
        np.divide(m, work, out=g)
        np.multiply(g, lr / (1 - self.beta_1**step), out=g)
        np.subtract(w, g, out=w)
        for name in self.slots:
            kernels.flush_tiny(slots[name], step)


@hookimpl
def kexp_optimizers() -> dict[str, type[Optimizer]]:
    return {"adamax": Adamax}
