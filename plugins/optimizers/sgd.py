"""sgd: steps against the gradient, with momentum if wanted."""

from __future__ import annotations

from typing import Any

from kexp.backend import Array, Kernels
from kexp.core.component import ScheduleSpec, number
from kexp.core.optimizer import Optimizer, Slots
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl


class SGD(Optimizer):
    """w -= lr g; with momentum v = momentum v - lr g, w += v (nesterov: w += momentum v - lr g).

    Source: Sutskever et al. 2013, equations 1 and 2 (momentum), 3 and 4 (Nesterov), in the form of Keras.
    """

    def __init__(
        self, learning_rate: ScheduleSpec = 0.01, momentum: float = 0.0, nesterov: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.momentum = number("momentum", momentum, least=0)
        if self.momentum > 1:
            raise ArgumentError(f"momentum must be a number from 0 to 1. Received: {momentum!r}")
        self.nesterov = nesterov
        self.slots = ("momentum",) if self.momentum else ()  # type: ignore[misc]

    def update(self, w: Array, g: Array, slots: Slots, *, step: int, lr: float, kernels: Kernels) -> None:
        if self.momentum:
            kernels.momentum(w, g, slots["momentum"], lr=lr, momentum=self.momentum, nesterov=self.nesterov)
            kernels.flush_tiny(slots["momentum"], step)
        else:
            kernels.sgd(w, g, lr=lr)


@hookimpl
def kexp_optimizers() -> dict[str, type[Optimizer]]:
    return {"sgd": SGD}
