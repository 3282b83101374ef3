"""Rescaling: y = x * scale + offset."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array, settings
from kexp.core.component import number
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl


class Rescaling(Layer):
    """The input times `scale`, plus `offset`; a list has one number for each of the last axis.

    Bytes of images become floats: scale 1/255 brings them to 0 ... 1. With `channels_first` as the global setting a
    list of scales belongs to the axis of the channels.
    Shapes: any.
    """

    flops_per_value = 2
    supports_masking = True
    casts_ints = True

    def __init__(self, scale: float | list[float], offset: float | list[float] = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = _numbers("scale", scale), _numbers("offset", offset)
        self.channels_first = settings.image_data_format() == "channels_first"

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        scale, offset = self._factor(self.scale, x, ctx), self._factor(self.offset, x, ctx, spread=False)

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (dy * scale,), {}

        return x * scale + offset, pullback

    def _factor(self, value: Any, x: Array, ctx: Context, *, spread: bool = True) -> Any:
        if not isinstance(value, list):
            return value
        factor = ctx.backend.asarray(np.asarray(value), dtype=x.dtype)
        return factor.reshape(*factor.shape, 1, 1) if spread and self.channels_first else factor


def _numbers(name: str, value: Any) -> float | list[float]:
    value = value.tolist() if isinstance(value, np.ndarray) else value
    return [number(name, item) for item in value] if isinstance(value, list | tuple) else number(name, value)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"rescaling": Rescaling}
