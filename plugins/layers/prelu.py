"""PReLU: relu with a slope below 0 that is learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.component import ConstraintSpec, InitializerSpec, RegularizerSpec
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl


class PReLU(Layer):
    """x above 0, alpha * x below; the derivative at 0 is 0, as in Keras.

    Shapes: x (n, ...) -> y (n, ...); alpha as one sample, with size 1 along `shared_axes`, which count from 1.
    Source: He et al. 2015, eq. 1.
    """

    flops_per_value = 2
    casts_ints = True
    min_ndim = 2
    supports_masking = True

    def __init__(
        self,
        alpha_initializer: InitializerSpec = "Zeros",
        alpha_regularizer: RegularizerSpec = None,
        alpha_constraint: ConstraintSpec = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = alpha_initializer
        self.alpha_regularizer = alpha_regularizer
        self.alpha_constraint = alpha_constraint
        given = () if shared_axes is None else shared_axes if isinstance(shared_axes, list | tuple) else (shared_axes,)
        if any(isinstance(axis, bool) or not isinstance(axis, int) for axis in given):
            raise ArgumentError(f"shared_axes must be an int or a list of ints. Received: {shared_axes!r}")
        self.shared_axes = tuple(given)
        self.alpha: Array

    def build(self, input_shape: Any) -> None:
        if any(not 1 <= axis < len(input_shape) for axis in self.shared_axes):
            raise ArgumentError(
                f"shared_axes must be among 1 to {len(input_shape) - 1}, the axes behind the batch's. "
                f"Received: {self.shared_axes!r}"
            )
        sizes = [1 if axis in self.shared_axes else size for axis, size in enumerate(input_shape)]
        self.add_weight(
            "alpha", sizes[1:], self.alpha_initializer,
            regularizer=self.alpha_regularizer, constraint=self.alpha_constraint,
        )  # fmt: skip

    def check_input(self, input_shape: Any) -> None:
        if len(input_shape) - 1 not in self.shared_axes:
            super().check_input(input_shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        alpha = self.alpha
        low = np.minimum(x, 0.0, out=ctx.work("low", x.shape, x.dtype))
        y = np.maximum(x, 0.0, out=ctx.work("y", x.shape, x.dtype))
        y += low * alpha

        def pullback(dy: Array) -> tuple[tuple[Array | None], dict[str, Array]]:
            product = np.multiply(dy, low, out=ctx.work("dx", dy.shape, dy.dtype))
            gradients = {"alpha": product.sum((0, *self.shared_axes), keepdims=True).reshape(alpha.shape)}
            if not ctx.wants_dx:
                return (None,), gradients
            slope = (x < 0) * alpha + (x > 0)
            return (np.multiply(dy, slope, out=product),), gradients

        return y, pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"prelu": PReLU}
