"""ELU: the activation elu as a layer."""

from __future__ import annotations

from typing import Any

from kexp.core.component import number
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.elementwise import ActivationLayer


class ELU(ActivationLayer):
    """x above 0, alpha * (exp(x) - 1) below. Shapes: any, unchanged."""

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = number("alpha", alpha, least=0)
        self.applies("elu", alpha=self.alpha)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"elu": ELU}
