"""What the layers that are an activation with arguments share."""

from __future__ import annotations

from typing import Any

from kexp.backend import Array
from kexp.core.activation import get_activation
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer


class ActivationLayer(Layer):
    """Base of layers that are an activation; a subclass says which one by `applies`. Shapes: any, unchanged."""

    flops_per_value = 1
    casts_ints = True
    supports_masking = True

    def applies(self, name: str, **config: Any) -> None:
        """Be the activation of that name."""
        self.activation = self.output_activation = get_activation({"type": name, **config})

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        y, activation_pullback = ctx.activate(self.activation, inputs[0])

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (activation_pullback(dy),), {}

        return y, pullback
