"""adagrad: steps divided by the root of all squared gradients so far."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array, Kernels
from kexp.core.component import ScheduleSpec, number
from kexp.core.optimizer import Optimizer, Slots
from kexp.hookspecs import hookimpl


class Adagrad(Optimizer):
    """a += g²; w -= lr g / sqrt(a + epsilon); a starts at `initial_accumulator_value`.

    Source: Duchi et al. 2011, figure 1 (the diagonal form), with epsilon inside the root, as in Keras.
    """

    slots: ClassVar[tuple[str, ...]] = ("accumulator",)

    def __init__(
        self,
        learning_rate: ScheduleSpec = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.initial_accumulator_value = number("initial_accumulator_value", initial_accumulator_value, least=0)
        self.epsilon = number("epsilon", epsilon, least=0)

    def slot_start(self, slot: str) -> float:
        return self.initial_accumulator_value

    def update(self, w: Array, g: Array, slots: Slots, *, step: int, lr: float, kernels: Kernels) -> None:
        a, work = slots["accumulator"], kernels.work("adagrad", g)
        np.multiply(g, g, out=work)
        np.add(a, work, out=a)
        np.add(a, self.epsilon, out=work)
        np.sqrt(work, out=work)
        np.divide(g, work, out=g)
        np.multiply(g, lr, out=g)
        np.subtract(w, g, out=w)


@hookimpl
def kexp_optimizers() -> dict[str, type[Optimizer]]:
    return {"adagrad": Adagrad}
