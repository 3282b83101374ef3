"""adadelta: steps as large as earlier steps were, measured against the gradients."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array, Kernels
from kexp.core.component import ScheduleSpec, fraction, number
from kexp.core.optimizer import Optimizer, Slots
from kexp.hookspecs import hookimpl


class Adadelta(Optimizer):
    """a = rho a + (1 - rho) g²; d = g sqrt(b + epsilon) / sqrt(a + epsilon); b = rho b + (1 - rho) d²; w -= lr d.

    Source: Zeiler 2012, algorithm 1, with a learning rate, as in Keras (1.0 is the paper's).
    """

    slots: ClassVar[tuple[str, ...]] = ("accumulated_grad", "accumulated_delta_var")

    def __init__(
        self, learning_rate: ScheduleSpec = 0.001, rho: float = 0.95, epsilon: float = 1e-7, **kwargs: Any
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.rho = fraction("rho", rho)
        self.epsilon = number("epsilon", epsilon, least=0)

    def update(self, w: Array, g: Array, slots: Slots, *, step: int, lr: float, kernels: Kernels) -> None:
        a, b = slots["accumulated_grad"], slots["accumulated_delta_var"]
        work = kernels.work("adadelta", g)
        self._blend(a, g, work)
        np.add(b, self.epsilon, out=work)
        np.sqrt(work, out=work)
        np.multiply(g, work, out=g)
        np.add(a, self.epsilon, out=work)
        np.sqrt(work, out=work)
        np.divide(g, work, out=g)
        self._blend(b, g, work)
        np.multiply(g, lr, out=g)
        np.subtract(w, g, out=w)
        for name in self.slots:
            kernels.flush_tiny(slots[name], step)

    def _blend(self, mean: Array, values: Array, work: Array) -> None:
        """mean = rho mean + (1 - rho) values², in place."""
        np.multiply(values, values, out=work)
        np.multiply(work, 1 - self.rho, out=work)
        np.multiply(mean, self.rho, out=mean)
        np.add(mean, work, out=mean)


@hookimpl
def kexp_optimizers() -> dict[str, type[Optimizer]]:
    return {"adadelta": Adadelta}
