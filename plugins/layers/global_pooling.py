"""What the global pooling layers share: all spatial axes become one number a channel."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.placed import values_in
from kexp_plugins.layers.image_axes import chosen_format
from kexp_plugins.layers.pooling import first_spatial_axis, require_ndim


class GlobalPooling(Layer):
    """Base of global pooling layers. Shapes: x (n, h, w, c) -> y (n, c), or (n, 1, 1, c) with `keepdims`."""

    casts_ints = True
    spatial: ClassVar[int]

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = chosen_format(data_format)
        self.keepdims = keepdims

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"data_format": self.data_format}

    @property
    def axes(self) -> tuple[int, ...]:
        """The spatial axes."""
        first = first_spatial_axis(self.data_format)
        return tuple(range(first, first + self.spatial))

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        return values_in(input_shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        require_ndim(self, input_shape, self.spatial + 2)
        if self.keepdims:
            return tuple(1 if axis in self.axes else size for axis, size in enumerate(input_shape))
        return tuple(size for axis, size in enumerate(input_shape) if axis not in self.axes)

    def finished(self, y: Array) -> Array:
        """`y`, computed with its axes kept, in the output's shape."""
        return y if self.keepdims else y.reshape(self.compute_output_shape_of(y))

    def compute_output_shape_of(self, y: Array) -> tuple[int, ...]:
        """The shape of `y` without the spatial axes."""
        return tuple(size for axis, size in enumerate(y.shape) if axis not in self.axes)


def global_max(layer: GlobalPooling, x: Array) -> tuple[Array, Pullback]:
    """The largest value; several that are equally large share the derivative, as in Keras on JAX."""
    require_ndim(layer, x.shape, layer.spatial + 2)
    y = x.max(layer.axes, keepdims=True)

    def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
        here = (x == y).astype(x.dtype)
        return (here * (dy.reshape(y.shape) / here.sum(layer.axes, keepdims=True)),), {}

    return layer.finished(y), pullback


def global_mean(layer: GlobalPooling, x: Array, ctx: Context) -> tuple[Array, Pullback]:
    """The mean over the spatial axes; where the input has a mask, over the steps that it keeps."""
    require_ndim(layer, x.shape, layer.spatial + 2)
    mask = ctx.masks[0] if ctx.masks is not None and layer.spatial == 1 else None
    if mask is not None:
        keep = np.expand_dims(mask, 2 if layer.data_format == "channels_last" else 1).astype(x.dtype)
        weight = keep / keep.sum(layer.axes, keepdims=True)
        y = (x * weight).sum(layer.axes, keepdims=True)
    else:
        weight = ctx.kernels.constant(1 / math.prod(x.shape[axis] for axis in layer.axes), x)
        y = x.sum(layer.axes, keepdims=True) * weight
    kept = y.shape

    def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
        share = dy.reshape(kept) * weight
        return (share if share.shape == x.shape else share + np.zeros_like(x),), {}

    return layer.finished(y), pullback
