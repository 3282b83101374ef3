"""DepthwiseConv2D: every channel of an image with kernels of its own."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kexp.backend import Array
from kexp.core.component import ActivationSpec, ConstraintSpec, InitializerSpec, RegularizerSpec, positive_int
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.convolution import Convolution, RowsPullback
from kexp_plugins.layers.convolving import Geometry
from kexp_plugins.layers.depthwise import Depthwise


class DepthwiseConv2D(Convolution):
    """Each channel with `depth_multiplier` kernels of its own; output channel c * depth_multiplier + m is of channel c.

    Shapes: x (n, h, w, c) -> y (n, h', w', c depth_multiplier), channels second with data_format 'channels_first';
    kernel (kernel h, kernel w, c, depth_multiplier); bias (c depth_multiplier,). Sizes and padding as in Conv2D.
    Source: Howard et al. 2017 (MobileNets), section 3.1, eq. 3.
    Raises: ShapeError for inputs of another rank or number of channels, or smaller than the kernel.

    >>> import numpy as np
    >>> DepthwiseConv2D(3, depth_multiplier=2)(np.ones((2, 8, 8, 3))).shape
    (2, 6, 6, 6)
    """

    rank = 2
    kernel: Array

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: Literal["valid", "same"] = "valid",
        depth_multiplier: int = 1,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        dilation_rate: int | tuple[int, int] = (1, 1),
        activation: ActivationSpec = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerSpec = "glorot_uniform",
        bias_initializer: InitializerSpec = "zeros",
        depthwise_regularizer: RegularizerSpec = None,
        bias_regularizer: RegularizerSpec = None,
        activity_regularizer: RegularizerSpec = None,
        depthwise_constraint: ConstraintSpec = None,
        bias_constraint: ConstraintSpec = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self._set_geometry(kernel_size, strides, padding, data_format, dilation_rate)
        self.depth_multiplier = positive_int("depth_multiplier", depth_multiplier)
        self.depthwise_initializer = depthwise_initializer
        self.depthwise_regularizer = depthwise_regularizer
        self.depthwise_constraint = depthwise_constraint
        self._set_output(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Any) -> None:
        self.add_weight(
            "kernel", (*self.kernel_size, self._known_channels(input_shape), self.depth_multiplier),
            self.depthwise_initializer, regularizer=self.depthwise_regularizer, constraint=self.depthwise_constraint,
        )  # fmt: skip
        self._add_bias(input_shape)

    def _filters(self, depth: int) -> int:
        return depth * self.depth_multiplier

    def _convolve(self, image: Array, geo: Geometry, ctx: Context) -> tuple[Array, RowsPullback]:
        operation = Depthwise(image, self.kernel, geo, ctx)
        y = operation.output()
        rows = y.reshape(-1, y.shape[-1])
        if self.bias is not None:
            np.add(rows, self.bias, out=rows)

        def pull(dz: Array) -> tuple[Array | None, dict[str, Array]]:
            dy = dz.reshape(y.shape)
            gradients = {"kernel": operation.kernel_gradient(dy, ctx.out("kernel"))}
            return operation.input_cotangent(dy) if ctx.wants_dx else None, gradients

        return rows, pull


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"depthwise_conv2d": DepthwiseConv2D, "depthwise_convolution2d": DepthwiseConv2D}
