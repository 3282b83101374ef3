"""Identity: y = x."""

from __future__ import annotations

from typing import Any

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl


class Identity(Layer):
    """The input, unchanged. Shapes: any."""

    flops_per_value = 0
    keeps_dtype = True
    supports_masking = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        return inputs[0], _pass


def _pass(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
    return (dy,), {}


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"identity": Identity}
