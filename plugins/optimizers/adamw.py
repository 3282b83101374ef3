"""adamw: adam with weight decay apart from the gradient."""

from __future__ import annotations

from typing import Any

from kexp.core.component import ScheduleSpec, number
from kexp.core.optimizer import Optimizer
from kexp.hookspecs import hookimpl
from kexp_plugins.optimizers.adam import Adam


class AdamW(Adam):
    """w -= lr weight_decay w, then a step of adam.

    Source: Loshchilov & Hutter 2019, algorithm 2, with the decay multiplied by the learning rate, as in Keras.
    """

    def __init__(
        self,
        learning_rate: ScheduleSpec = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **kwargs: Any,
    ) -> None:
        decay = number("weight_decay", weight_decay, least=0)
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=decay, **kwargs)


@hookimpl
def kexp_optimizers() -> dict[str, type[Optimizer]]:
    return {"adamw": AdamW}
