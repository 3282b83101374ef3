"""Dense: y = activation(x @ kernel + bias)."""

from __future__ import annotations

import math
from typing import Any

from kexp.backend import Array
from kexp.core.component import ActivationSpec, ConstraintSpec, InitializerSpec, RegularizerSpec, positive_int
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.activated import Activated


class Dense(Activated):
    """Affine map of the last axis, then an activation.

    Shapes: x (n, ..., d) -> y (n, ..., units); kernel (d, units); bias (units,).
    Source: kernel start values uniform in ±sqrt(6 / (d + units)), Glorot & Bengio 2010, eq. 16.
    Raises: ShapeError if the last axis differs from the one the layer was built for.

    >>> Dense(3)([[1.0, 2.0], [3.0, 4.0]]).shape
    (2, 3)
    """

    casts_ints = True
    min_ndim = 2
    supports_masking = True

    def __init__(
        self,
        units: int,
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
        self.units = positive_int("units", units)
        self.activation = activation
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.kernel: Array
        self.bias: Array | None = None

    def build(self, input_shape: Any) -> None:
        self.add_weight(
            "kernel", (input_shape[-1], self.units), self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        if self.use_bias:
            self.add_weight(
                "bias", (self.units,), self.bias_initializer,
                regularizer=self.bias_regularizer, constraint=self.bias_constraint,
            )  # fmt: skip

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], self.units)

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        rows = output_shape[1:-1]
        return None if None in rows else 2 * math.prod(rows) * self.kernel.size

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        kernel = self.kernel  # a view of the flat vector; the pullback holds until the next update
        rows = x if x.ndim == 2 else x.reshape(math.prod(x.shape[:-1]), x.shape[-1])  # -1 fails for 0 values
        z = ctx.kernels.affine(rows, kernel, self.bias, ctx.work("z", (len(rows), self.units), rows.dtype))
        y, activation_pullback = ctx.activate(
            self._activation, z if x.ndim == 2 else z.reshape(*x.shape[:-1], self.units)
        )

        def pullback(dy: Array) -> tuple[tuple[Array | None], dict[str, Array]]:
            dz = activation_pullback(dy)
            dz = dz if dz.ndim == 2 else dz.reshape(len(rows), self.units)
            gradients = {"kernel": rows.T.dot(dz, ctx.out("kernel"))}
            if self.bias is not None:
                gradients["bias"] = ctx.kernels.sum_rows(dz, ctx.out("bias"))
            if not ctx.wants_dx:
                return (None,), gradients
            dx = dz.dot(kernel.T, ctx.work("dx", rows.shape, rows.dtype))
            return (dx if rows is x else dx.reshape(x.shape),), gradients

        return y, pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"dense": Dense}
