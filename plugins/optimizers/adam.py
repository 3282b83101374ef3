"""adam: steps by running means of the gradient and of its square."""

from __future__ import annotations

import math
from typing import Any

from kexp.backend import Array, Kernels
from kexp.backend.kernels import FLUSH_EVERY
from kexp.core.component import ScheduleSpec, fraction, number
from kexp.core.optimizer import Optimizer, Slots
from kexp.hookspecs import hookimpl


class Adam(Optimizer):
    """w -= alpha m / (sqrt(v) + epsilon), alpha = lr sqrt(1 - beta_2^t) / (1 - beta_1^t).

    Source: Kingma & Ba 2015, section 2 (the form at its end: epsilon outside the bias correction, as in Keras);
    `amsgrad`: Reddi et al. 2018, algorithm 2.
    """

    def __init__(
        self,
        learning_rate: ScheduleSpec = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.beta_1 = fraction("beta_1", beta_1)
        self.beta_2 = fraction("beta_2", beta_2)
        self.epsilon = number("epsilon", epsilon, least=0)
        self.amsgrad = amsgrad
        self.slots = ("m", "v", "vhat") if amsgrad else ("m", "v")  # type: ignore[misc]

    def saved_groups(self) -> list[tuple[str, ...]]:
        return [self.slots[:2], *([self.slots[2:]] if self.slots[2:] else [])]

    def saved_scale(self, slot: str) -> float:
        return 1 - (self.beta_1 if slot == "m" else self.beta_2)

    def update(self, w: Array, g: Array, slots: Slots, *, step: int, lr: float, kernels: Kernels) -> None:
        alpha = lr * math.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        kernels.adam(
            w, g, slots["m"], slots["v"], slots.get("vhat"),
            alpha=alpha, beta_1=self.beta_1, beta_2=self.beta_2, epsilon=self.epsilon,
        )  # fmt: skip
        if step % FLUSH_EVERY == 0:
            kernels.flush_tiny(slots["m"], step)
            kernels.flush_tiny(slots["v"], step)


@hookimpl
def kexp_optimizers() -> dict[str, type[Optimizer]]:
    return {"adam": Adam}
