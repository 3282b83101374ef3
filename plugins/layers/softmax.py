"""Softmax: the activation softmax as a layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.elementwise import ActivationLayer

HIDDEN = {"float16": -3e4}
"""What stands for the values that a mask hides, where it is not Keras' -1e9."""


class Softmax(ActivationLayer):
    """exp(x) divided by its sum along `axis`, or along all axes of a list. Shapes: any, unchanged.

    A mask, of x's shape or one that broadcasts to it, hides values; it is given in the call, as `mask`.
    """

    def __init__(self, axis: int | list[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis: Any = axis
        if isinstance(axis, list | tuple):
            self.axis = tuple(axis) if len(axis) > 1 else axis[0]
        self.applies("softmax", axis=self.axis)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        mask = None if ctx.masks is None else ctx.masks[0]
        if mask is None:
            return super().forward(x, ctx=ctx)
        y, pullback = super().forward(np.where(mask, x, x.dtype.type(HIDDEN.get(str(x.dtype), -1e9))), ctx=ctx)

        def back(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            (dx,), gradients = pullback(dy * mask)
            return (dx * mask,), gradients

        return (y if ctx.skip_activation else y * mask), back


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"softmax": Softmax}
