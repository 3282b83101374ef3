"""Conv1D: a kernel moved along sequences."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.component import ActivationSpec, ConstraintSpec, InitializerSpec, RegularizerSpec
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.grouped_convolution import GroupedConvolution


class Conv1D(GroupedConvolution):
    """y[i] = activation(sum over a of x[i s + a d] @ kernel[a] + bias); stride s, dilation d.

    Shapes: x (n, t, c) -> y (n, t', filters), channels second with data_format 'channels_first'; kernel
    (kernel size, c / groups, filters); bias (filters,). Padding 'same' and 'causal' give t' = ceil(t / stride); with
    'causal' all zeros are in front, so that y[i] sees nothing after x[i s].
    Source: van den Oord et al. 2016 (WaveNet), section 2.1, for causal and dilated kernels; start values Glorot &
    Bengio 2010, eq. 16, where a fan is channels times kernel size.
    Raises: ArgumentError for strides above 1 with dilation; ShapeError for inputs of another rank or number of
    channels, or shorter than the kernel.

    >>> import numpy as np
    >>> Conv1D(8, 3, padding="causal", dilation_rate=2)(np.ones((2, 10, 4))).shape
    (2, 10, 8)
    """

    rank = 1
    paddings = ("valid", "same", "causal")

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int],
        strides: int | tuple[int] = 1,
        padding: Literal["valid", "same", "causal"] = "valid",
        data_format: Literal["channels_last", "channels_first"] | None = None,
        dilation_rate: int | tuple[int] = 1,
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
    return {"conv1d": Conv1D, "convolution1d": Conv1D}
