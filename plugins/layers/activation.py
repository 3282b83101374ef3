"""Activation: an activation as a layer of its own."""

from __future__ import annotations

from typing import Any

from kexp.backend import Array
from kexp.core.component import ActivationSpec
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.activated import Activated


class Activation(Activated):
    """y = activation(x). Shapes: x (n, ...) -> y (n, ...)."""

    flops_per_value = 1
    casts_ints = True
    supports_masking = True

    def __init__(self, activation: ActivationSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activation

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        y, activation_pullback = ctx.activate(self.activation, inputs[0])

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (activation_pullback(dy),), {}

        return y, pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"activation": Activation}
