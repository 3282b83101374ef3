"""Conv2D: a kernel moved over images."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.component import ActivationSpec, ConstraintSpec, InitializerSpec, RegularizerSpec
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.grouped_convolution import GroupedConvolution


class Conv2D(GroupedConvolution):
    """y[i, j] = activation(sum over (a, b) of x[i s + a d, j s + b d] @ kernel[a, b] + bias); stride s, dilation d.

    Shapes: x (n, h, w, c) -> y (n, h', w', filters), channels second with data_format 'channels_first'; kernel
    (kernel h, kernel w, c / groups, filters); bias (filters,). With padding 'same' h' = ceil(h / stride), and an odd
    number of zeros has the larger half below and to the right.
    Source: Dumoulin & Visin 2016, sections 2 and 5.1; start values Glorot & Bengio 2010, eq. 16, where a fan is
    channels times kernel h times kernel w.
    Raises: ArgumentError for strides above 1 with dilation; ShapeError for inputs of another rank or number of
    channels, or smaller than the kernel.

    >>> import numpy as np
    >>> Conv2D(8, 3, strides=2, padding="same")(np.ones((2, 28, 28, 1))).shape
    (2, 14, 14, 8)
    """

    rank = 2

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: Literal["valid", "same"] = "valid",
        data_format: Literal["channels_last", "channels_first"] | None = None,
        dilation_rate: int | tuple[int, int] = (1, 1),
        groups: int = 1,
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
        self._set_kernel(filters, groups, kernel_initializer, kernel_regularizer, kernel_constraint)
        self._set_output(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"conv2d": Conv2D, "convolution2d": Conv2D}
