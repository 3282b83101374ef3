"""LeakyReLU: the activation leaky_relu as a layer."""

from __future__ import annotations

from typing import Any

from kexp.core.component import number
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.elementwise import ActivationLayer


class LeakyReLU(ActivationLayer):
    """x above 0, negative_slope * x below; the layer's slope is 0.3, the activation's of that name 0.2, as in Keras.

    `alpha` is what Keras 2 called the slope; it is taken if given. Shapes: any, unchanged.
    """

    def __init__(self, negative_slope: float = 0.3, alpha: float | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        name, given = ("negative_slope", negative_slope) if alpha is None else ("alpha", alpha)
        self.negative_slope = number(name, given, least=0)
        self.applies("leaky_relu", negative_slope=self.negative_slope)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"leaky_relu": LeakyReLU}
