"""SeparableConv2D: a depthwise convolution, then a mixture of the channels."""

from __future__ import annotations

from typing import Any, Literal

from kexp.backend import Array
from kexp.core.component import ActivationSpec, ConstraintSpec, InitializerSpec, RegularizerSpec, positive_int
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.convolution import Convolution, RowsPullback
from kexp_plugins.layers.convolving import Geometry, room
from kexp_plugins.layers.depthwise import Depthwise


class SeparableConv2D(Convolution):
    """Each channel with `depth_multiplier` kernels of its own, then at each pixel a product with the pointwise kernel.

    Shapes: x (n, h, w, c) -> y (n, h', w', filters), channels second with data_format 'channels_first'; depthwise
    kernel (kernel h, kernel w, c, depth_multiplier); pointwise kernel (1, 1, c depth_multiplier, filters); bias
    (filters,). Sizes and padding as in Conv2D.
    Source: Chollet 2017 (Xception), section 1.
    Raises: ShapeError for inputs of another rank or number of channels, or smaller than the kernel.

    >>> import numpy as np
    >>> SeparableConv2D(16, 3, padding="same")(np.ones((2, 8, 8, 3))).shape
    (2, 8, 8, 16)
    """

    rank = 2
    depthwise_kernel: Array
    pointwise_kernel: Array

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: Literal["valid", "same"] = "valid",
        data_format: Literal["channels_last", "channels_first"] | None = None,
        dilation_rate: int | tuple[int, int] = (1, 1),
        depth_multiplier: int = 1,
        activation: ActivationSpec = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerSpec = "glorot_uniform",
        pointwise_initializer: InitializerSpec = "glorot_uniform",
        bias_initializer: InitializerSpec = "zeros",
        depthwise_regularizer: RegularizerSpec = None,
        pointwise_regularizer: RegularizerSpec = None,
        bias_regularizer: RegularizerSpec = None,
        activity_regularizer: RegularizerSpec = None,
        depthwise_constraint: ConstraintSpec = None,
        pointwise_constraint: ConstraintSpec = None,
        bias_constraint: ConstraintSpec = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self._set_geometry(kernel_size, strides, padding, data_format, dilation_rate)
        self.filters = positive_int("filters", filters)
        self.depth_multiplier = positive_int("depth_multiplier", depth_multiplier)
        self.depthwise_initializer = depthwise_initializer
        self.pointwise_initializer = pointwise_initializer
        self.depthwise_regularizer = depthwise_regularizer
        self.pointwise_regularizer = pointwise_regularizer
        self.depthwise_constraint = depthwise_constraint
        self.pointwise_constraint = pointwise_constraint
        self._set_output(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Any) -> None:
        depth = self._known_channels(input_shape)
        self.add_weight(
            "depthwise_kernel", (*self.kernel_size, depth, self.depth_multiplier), self.depthwise_initializer,
            regularizer=self.depthwise_regularizer, constraint=self.depthwise_constraint,
        )  # fmt: skip
        self.add_weight(
            "pointwise_kernel", (1, 1, depth * self.depth_multiplier, self.filters), self.pointwise_initializer,
            regularizer=self.pointwise_regularizer, constraint=self.pointwise_constraint,
        )  # fmt: skip
        self._add_bias(input_shape)

    def _filters(self, depth: int) -> int:
        return self.filters

    def _convolve(self, image: Array, geo: Geometry, ctx: Context) -> tuple[Array, RowsPullback]:
        operation = Depthwise(image, self.depthwise_kernel, geo, ctx)
        middle = operation.output()
        pixels = middle.reshape(-1, middle.shape[-1])
        pointwise = self.pointwise_kernel[0, 0]
        z = room(ctx, "z", (len(pixels), self.filters), pixels)
        rows = ctx.kernels.affine(pixels, pointwise, self.bias, z)

        def pull(dz: Array) -> tuple[Array | None, dict[str, Array]]:
            shape = self.pointwise_kernel.shape
            out = ctx.out("pointwise_kernel")
            dpointwise = ctx.backend.xp.empty(shape, dtype=dz.dtype) if out is None else out
            pixels.T.dot(dz, dpointwise[0, 0])
            dmiddle = dz.dot(pointwise.T, ctx.work("dmiddle", pixels.shape, dz.dtype)).reshape(middle.shape)
            ddepthwise = operation.kernel_gradient(dmiddle, ctx.out("depthwise_kernel"))
            gradients = {"depthwise_kernel": ddepthwise, "pointwise_kernel": dpointwise}
            return operation.input_cotangent(dmiddle) if ctx.wants_dx else None, gradients

        return rows, pull


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"separable_conv2d": SeparableConv2D, "separable_convolution2d": SeparableConv2D}
