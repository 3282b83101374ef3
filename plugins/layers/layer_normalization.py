"""LayerNormalization: each sample with mean 0 and variance 1, then scaled and shifted."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.component import ConstraintSpec, InitializerSpec, RegularizerSpec, number
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl


class LayerNormalization(Layer):
    """y = gamma * (x - mean) / sqrt(variance + epsilon) + beta; mean and (biased) variance are those along `axis`.

    Shapes: x (n, ..., d) -> y (n, ..., d); gamma and beta (d,), or the sizes of all axes that `axis` names.
    Source: Ba, Kiros & Hinton 2016, eq. 3.
    """

    flops_per_value = 7
    casts_ints = True
    supports_masking = True

    def __init__(
        self,
        axis: int | list[int] = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerSpec = "zeros",
        gamma_initializer: InitializerSpec = "ones",
        beta_regularizer: RegularizerSpec = None,
        gamma_regularizer: RegularizerSpec = None,
        beta_constraint: ConstraintSpec = None,
        gamma_constraint: ConstraintSpec = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        given = list(axis) if isinstance(axis, list | tuple) else [axis]
        if not given or any(isinstance(one, bool) or not isinstance(one, int) for one in given):
            raise ArgumentError(f"axis must be an int or a list of ints. Received: {axis!r}")
        self.axis = sorted(given)
        self.epsilon = number("epsilon", epsilon, least=0)
        self.center = center
        self.scale = scale
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint
        self.gamma: Array | None = None
        self.beta: Array | None = None

    def build(self, input_shape: Any) -> None:
        self._axes(len(input_shape))
        shape = tuple(input_shape[axis] for axis in self.axis)
        if self.scale:
            self.add_weight(
                "gamma", shape, self.gamma_initializer,
                regularizer=self.gamma_regularizer, constraint=self.gamma_constraint,
            )  # fmt: skip
        if self.center:
            self.add_weight(
                "beta", shape, self.beta_initializer,
                regularizer=self.beta_regularizer, constraint=self.beta_constraint,
            )  # fmt: skip

    def check_input(self, input_shape: Any) -> None:
        if len(input_shape) - 1 in self._axes(len(input_shape)):
            super().check_input(input_shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        self._axes(len(input_shape))
        return input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        axes = self._axes(x.ndim)
        spread = tuple(size if axis in axes else 1 for axis, size in enumerate(x.shape))
        gamma = None if self.gamma is None else self.gamma.reshape(spread)
        y = np.subtract(x, x.mean(axes, keepdims=True), out=ctx.work("y", x.shape, x.dtype))
        variance = np.multiply(y, y, out=ctx.work("dx", x.shape, x.dtype)).mean(axes, keepdims=True)
        inverse = 1 / np.sqrt(variance + self.epsilon)
        normal = np.multiply(y, inverse, out=ctx.work("normal", x.shape, x.dtype))
        if gamma is not None:
            np.multiply(normal, gamma, out=y)
        else:
            y[...] = normal
        if self.beta is not None:
            np.add(y, self.beta.reshape(spread), out=y)

        def pullback(dy: Array) -> tuple[tuple[Array | None], dict[str, Array]]:
            product = np.multiply(dy, normal, out=ctx.work("product", dy.shape, dy.dtype))
            gradients = {}
            if self.gamma is not None:
                gradients["gamma"] = _sum_others(product, axes, ctx, "gamma", self.gamma.shape)
            if self.beta is not None:
                gradients["beta"] = _sum_others(dy, axes, ctx, "beta", self.beta.shape)
            if not ctx.wants_dx:
                return (None,), gradients
            dnormal = dy if gamma is None else np.multiply(dy, gamma, out=ctx.work("dnormal", dy.shape, dy.dtype))
            if gamma is not None:
                np.multiply(product, gamma, out=product)
            along = product.mean(axes, keepdims=True)
            dx = np.multiply(normal, along, out=product)
            np.add(dx, dnormal.mean(axes, keepdims=True), out=dx)
            np.subtract(dnormal, dx, out=dx)
            return (np.multiply(dx, inverse, out=dx),), gradients

        return y, pullback

    def _axes(self, ndim: int) -> tuple[int, ...]:
        """The axes, counted from the front."""
        if any(not -ndim <= axis < ndim for axis in self.axis):
            raise ArgumentError(f"axis must be among the input's {ndim} axes. Received: {self.axis!r}")
        axes = tuple(sorted(axis % ndim for axis in self.axis))
        if axes[0] == 0 or len(set(axes)) < len(axes):
            raise ArgumentError(f"axis must name axes behind the batch's, each once. Received: {self.axis!r}")
        return axes


def _sum_others(x: Array, axes: tuple[int, ...], ctx: Context, weight: str, shape: tuple[int, ...]) -> Array:
    """The sum over all axes but `axes`, in the weight's shape."""
    if axes == (x.ndim - 1,):
        return ctx.kernels.sum_rows(x.reshape(-1, x.shape[-1]), ctx.out(weight))
    return x.sum(tuple(axis for axis in range(x.ndim) if axis not in axes)).reshape(shape)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"layer_normalization": LayerNormalization}
