"""Flatten: all axes but the batch's become one."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from kexp.backend import Array, settings
from kexp.core.component import one_of
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl


class Flatten(Layer):
    """All axes but the batch's as one, in row-major order.

    Shapes: x (n, a, b, ...) -> y (n, a*b*...); x (n,) -> y (n, 1). With data_format 'channels_first' the channel
    axis is moved to the end before, so that both formats give the same features in the same order.
    """

    flops_per_value = 0
    keeps_dtype = True

    def __init__(self, data_format: Literal["channels_last", "channels_first"] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        chosen = settings.image_data_format() if data_format is None else data_format
        self.data_format = one_of("data_format", chosen, settings.IMAGE_DATA_FORMATS)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"data_format": self.data_format}

    def compute_output_shape(self, input_shape: Any) -> Any:
        sizes = input_shape[1:]
        return (input_shape[0], None if None in sizes else math.prod(sizes))

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        moved = self.data_format == "channels_first" and x.ndim > 2
        rows = np.moveaxis(x, 1, -1) if moved else x
        shape = rows.shape

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            dx = dy.reshape(shape)
            return (np.moveaxis(dx, -1, 1) if moved else dx,), {}

        return rows.reshape(len(x), math.prod(shape[1:])), pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"flatten": Flatten}
