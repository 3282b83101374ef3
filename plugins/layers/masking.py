"""Masking: steps that hold nothing but one value are left out by the layers that follow."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.component import number
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl


class Masking(Layer):
    """The mask is False for steps whose features all equal `mask_value`; their outputs are 0, all others unchanged.

    Shapes: x (n, t, d) -> y (n, t, d), mask (n, t).
    """

    flops_per_value = 2
    casts_ints = True
    min_ndim = 2
    supports_masking = makes_mask = True

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = number("mask_value", mask_value)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        return (inputs != self.mask_value).any(-1)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        keep = (x != self.mask_value).any(-1, keepdims=True)
        y = np.where(keep, x, np.zeros_like(x))

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (np.multiply(dy, keep, out=ctx.work("dx", dy.shape, dy.dtype)),), {}

        return y, pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"masking": Masking}
