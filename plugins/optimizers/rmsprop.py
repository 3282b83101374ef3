"""rmsprop: steps divided by a running root mean square of the gradient."""

from __future__ import annotations

from typing import Any

from kexp.backend import Array, Kernels
from kexp.core.component import ScheduleSpec, fraction, number
from kexp.core.optimizer import Optimizer, Slots
from kexp.hookspecs import hookimpl


class RMSprop(Optimizer):
    """v = rho v + (1 - rho) g²; w -= lr g / sqrt(v + epsilon), with epsilon inside the root, as in Keras.

    `centered`: v less the square of the gradient's running mean stands under the root. `momentum`: the step is a
    running sum, momentum * sum + lr g / sqrt(...).
    Source: Tieleman & Hinton 2012, lecture 6e; centered: Graves 2013, equations 38 to 41.
    """

    def __init__(
        self,
        learning_rate: ScheduleSpec = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.rho = fraction("rho", rho)
        self.momentum = number("momentum", momentum, least=0)
        self.epsilon = number("epsilon", epsilon, least=0)
        self.centered = centered
        used = {"velocity": True, "momentum": self.momentum > 0, "average_gradient": centered}
        self.slots = tuple(name for name, wanted in used.items() if wanted)  # type: ignore[misc]

    def saved_groups(self) -> list[tuple[str, ...]]:
        return [(name,) for name in self.slots]

    def saved_scale(self, slot: str) -> float:
        return 1.0 if slot == "momentum" else 1 - self.rho

    def update(self, w: Array, g: Array, slots: Slots, *, step: int, lr: float, kernels: Kernels) -> None:
        kernels.rmsprop(
            w, g, slots["velocity"], slots.get("momentum"), slots.get("average_gradient"),
            lr=lr, rho=self.rho, momentum=self.momentum, epsilon=self.epsilon,
        )  # fmt: skip
        for name in self.slots:
            kernels.flush_tiny(slots[name], step)


@hookimpl
def kexp_optimizers() -> dict[str, type[Optimizer]]:
    return {"rmsprop": RMSprop}
