"""Conv2DTranspose: the gradient of a convolution as a layer, from small images to large ones."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from kexp.backend import Array
from kexp.core.component import ActivationSpec, ConstraintSpec, InitializerSpec, RegularizerSpec, positive_int
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.errors import ArgumentError, ShapeError
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.convolution import Convolution, RowsPullback, pair
from kexp_plugins.layers.convolving import Geometry, Pair, Patches, correlate, extent, kernel_gradient, room, spread
from kexp_plugins.layers.image_axes import sizes, spatial


class Conv2DTranspose(Convolution):
    """Each pixel adds a kernel times its values to the output, `strides` pixels apart: Conv2D's input gradient.

    Shapes: x (n, h, w, c) -> y (n, h', w', filters), channels second with data_format 'channels_first'; kernel
    (kernel h, kernel w, filters, c); bias (filters,). With padding 'valid' h' = (h - 1) stride + max(kernel, stride),
    with 'same' h' = h stride; with `output_padding` p, (h - 1) stride + kernel + p and (h - 1) stride + kernel % 2 + p.
    Source: Dumoulin & Visin 2016, section 4.
    Raises: ArgumentError for strides above 1 with dilation, or an output_padding not below the stride; ShapeError
    for inputs of another rank or number of channels.

    >>> import numpy as np
    >>> Conv2DTranspose(8, 3, strides=2, padding="same")(np.ones((2, 7, 7, 16))).shape
    (2, 14, 14, 8)
    """

    rank = 2
    kernel: Array

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: Literal["valid", "same"] = "valid",
        output_padding: int | tuple[int, int] | None = None,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        dilation_rate: int | tuple[int, int] = (1, 1),
        activation: ActivationSpec = None,
        use_bias: bool = True,
        kernel_initializer: InitializerSpec = "glorot_uniform",
        bias_initializer: InitializerSpec = "zeros",
        kernel_regularizer: RegularizerSpec = None,
        bias_regularizer: RegularizerSpec = None,
        activity_regularizer: RegularizerSpec = None,
        kernel_constraint: ConstraintSpec = None,
        bias_constraint: ConstraintSpec = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self._set_geometry(kernel_size, strides, padding, data_format, dilation_rate)
        self._refuse_strides_with_holes()
        self.filters = positive_int("filters", filters)
        self.output_padding = None if output_padding is None else sizes("output_padding", output_padding, 2, 0)
        if self.output_padding and any(p >= s for p, s in zip(self.output_padding, self.strides, strict=True)):
            raise ArgumentError(
                "output_padding must be below the stride of its axis. "
                f"Received: output_padding={self.output_padding}, strides={self.strides}"
            )
        self.kernel_initializer = kernel_initializer
        self.kernel_regularizer = kernel_regularizer
        self.kernel_constraint = kernel_constraint
        self._set_output(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Any) -> None:
        self.add_weight(
            "kernel", (*self.kernel_size, self.filters, self._known_channels(input_shape)), self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self._add_bias(input_shape)

    def _filters(self, depth: int) -> int:
        return self.filters

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        places = spatial(input_shape, self.data_format)
        return None if None in places else 2 * math.prod(places) * int(self.kernel.size)

    def _out_size(self, inner: tuple[int, ...], input_shape: Any) -> tuple[int, ...]:
        return self._geometry(inner, input_shape).size

    def _geometry(self, inner: tuple[int, ...], input_shape: Any) -> Geometry:
        """That of the convolution whose input's cotangent is our output: its `out` is our input."""
        size, kernel, strides, holes = map(pair, (inner, self.kernel_size, self.strides, self.dilation_rate))
        more = self.output_padding or (None, None)
        above, height = pads_and_size(size[0], kernel[0], strides[0], holes[0], self.padding, more[0])
        beside, width = pads_and_size(size[1], kernel[1], strides[1], holes[1], self.padding, more[1])
        if min(height, width) < 1:
            raise ShapeError(
                f"layer {self.name!r} ({type(self).__name__}): the output would have the size {(height, width)}. "
                f"Received: {tuple(input_shape)}"
            )
        return Geometry((height, width), size, kernel, strides, holes, (above, beside))

    def _convolve(self, image: Array, geo: Geometry, ctx: Context) -> tuple[Array, RowsPullback]:
        kernel, whole = self.kernel, spread(image, self.kernel, geo, 1, ctx, "z")
        y = room(ctx, "y", whole.shape, whole)
        if self.bias is None:
            y[...] = whole
        else:
            np.add(whole, self.bias, out=y)

        def pull(dz: Array) -> tuple[Array | None, dict[str, Array]]:
            patches = Patches(dz.reshape(y.shape), geo, 1, ctx, "dz")
            pixels = image.reshape(-1, image.shape[-1])
            gradients = {"kernel": kernel_gradient(patches, pixels, ctx.out("kernel"), kernel.shape, ctx)}
            if not ctx.wants_dx:
                return None, gradients
            return correlate(patches, kernel, None, ctx, "dx").reshape(image.shape), gradients

        return y.reshape(-1, self.filters), pull


def pads_and_size(
    size: int, kernel: int, stride: int, dilation: int, padding: str, output_padding: int | None
) -> tuple[Pair, int]:
    """(what is cut off before, after) and the size of the output along one axis, as Keras chooses them.

    >>> pads_and_size(5, 3, 2, 1, "same", None), pads_and_size(5, 3, 2, 1, "valid", None)
    (((0, 1), 10), ((0, 0), 11))
    """
    reach = extent(kernel, dilation)
    full = (size - 1) * stride + reach
    if padding == "valid":
        more = max(reach, stride) - reach if output_padding is None else output_padding
        return (0, 0), full + more
    total = stride + reach - 2 if output_padding is None else reach + reach % 2 - 2 + output_padding
    before = reach - 1 - min(total // 2 + total % 2, reach - 1)
    out = (size - 1) * stride + 2 + total - reach
    return (before, max(full - before - out, 0)), out


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"conv2d_transpose": Conv2DTranspose, "convolution2d_transpose": Conv2DTranspose}
