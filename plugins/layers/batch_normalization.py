"""BatchNormalization: each channel with mean 0 and variance 1 over the batch, then scaled and shifted."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array, settings
from kexp.core.component import ConstraintSpec, InitializerSpec, RegularizerSpec, fraction, number
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl


class BatchNormalization(Layer):
    """y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with one of each for every channel.

    In training mean and variance (the biased one) are those of the batch, and the moving ones go a share of
    1 - momentum towards them; else, and in a frozen layer (`trainable = False`), they are the moving ones. Steps that
    a mask leaves out do not count for mean and variance.

    Shapes: x (n, ..., c) -> y (n, ..., c); gamma, beta, moving_mean, moving_variance (c,); `axis` is the one of c.
    Source: Ioffe & Szegedy 2015, algorithm 1.
    """

    flops_per_value = 2
    casts_ints = True
    min_ndim = 2
    supports_masking = True

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerSpec = "zeros",
        gamma_initializer: InitializerSpec = "ones",
        moving_mean_initializer: InitializerSpec = "zeros",
        moving_variance_initializer: InitializerSpec = "ones",
        beta_regularizer: RegularizerSpec = None,
        gamma_regularizer: RegularizerSpec = None,
        beta_constraint: ConstraintSpec = None,
        gamma_constraint: ConstraintSpec = None,
        renorm: bool = False,
        renorm_clipping: dict[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = axis[0] if isinstance(axis, list | tuple) and len(axis) == 1 else axis  # Keras 2 stored a list
        self.momentum = momentum if momentum == 1 else fraction("momentum", momentum)
        self.epsilon = number("epsilon", epsilon, least=0)
        self.center = center
        self.scale = scale
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint
        for name, value in (("renorm", renorm), ("synchronized", synchronized)):
            if value:
                raise ArgumentError(f"{name} is not supported: it must be False. Received: {value!r}")
        self.gamma: Array | None = None
        self.beta: Array | None = None
        self.moving_mean: Array
        self.moving_variance: Array

    def build(self, input_shape: Any) -> None:
        if not -len(input_shape) <= self.axis < len(input_shape):
            raise ArgumentError(f"axis must be one of the input's {len(input_shape)} axes. Received: {self.axis!r}")
        shape = (input_shape[self.axis],)
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
        self.add_weight("moving_mean", shape, self.moving_mean_initializer, trainable=False)
        self.add_weight("moving_variance", shape, self.moving_variance_initializer, trainable=False)

    def check_input(self, input_shape: Any) -> None:
        if self.axis in (-1, len(input_shape) - 1):
            super().check_input(input_shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        rows = self._rows(x)
        if ctx.training and self.trainable:
            y, back = self._with_the_batch(rows, self._kept(x, ctx), ctx)
        else:
            y, back = self._with_the_past(rows, ctx)

        def pullback(dy: Array) -> tuple[tuple[Array | None], dict[str, Array]]:
            dx, gradients = back(self._rows(dy))
            return (None if dx is None else self._unrows(dx, x),), gradients

        return self._unrows(y, x), pullback

    def _with_the_batch(self, x: Array, kept: Array | None, ctx: Context) -> tuple[Array, Pullback]:
        """Normalize x (m, c) by its own moments; of the rows that are `kept` (m, 1) or (m, c), if it is given."""
        add = ctx.kernels.sum_rows
        count: Any = len(x) if kept is None else kept.sum(0) + settings.epsilon()
        mean = add(x if kept is None else x * kept) / count
        centered = np.subtract(x, mean, out=ctx.work("centered", x.shape, x.dtype))
        squares = np.multiply(centered, centered, out=ctx.work("y", x.shape, x.dtype))
        variance = add(squares if kept is None else squares * kept) / count
        inverse = 1 / np.sqrt(variance + self.epsilon)
        slope = inverse if self.gamma is None else inverse * self.gamma
        y = np.multiply(centered, slope, out=squares)
        if self.beta is not None:
            np.add(y, self.beta, out=y)
        keep, gain = self.momentum, 1 - self.momentum
        ctx.updates["moving_mean"] = self.moving_mean * keep + mean * gain
        ctx.updates["moving_variance"] = self.moving_variance * keep + variance * gain

        def back(dy: Array) -> tuple[Array | None, dict[str, Array]]:
            dx = np.multiply(dy, centered, out=ctx.work("dx", dy.shape, dy.dtype))
            along = add(dx)
            total = add(dy, ctx.out("beta") if self.center else None)
            gradients = self._gradients(along * inverse, total)
            if not ctx.wants_dx:
                return None, gradients
            pulled = slope * inverse * inverse * along / count  # by way of the variance
            level = slope * total / count  # by way of the mean
            if kept is not None:  # else the sum of `centered` is 0
                level = level - pulled * add(centered * kept) / count
            through = np.multiply(centered, pulled, out=ctx.work("through", dy.shape, dy.dtype))
            np.add(through, level, out=through)
            if kept is not None:
                np.multiply(through, kept, out=through)
            np.multiply(dy, slope, out=dx)
            return np.subtract(dx, through, out=dx), gradients

        return y, back

    def _with_the_past(self, x: Array, ctx: Context) -> tuple[Array, Pullback]:
        """Normalize x (m, c) by the moving moments."""
        mean, inverse = self.moving_mean, 1 / np.sqrt(self.moving_variance + self.epsilon)
        slope = inverse if self.gamma is None else inverse * self.gamma
        shift = -mean * slope if self.beta is None else self.beta - mean * slope
        y = np.multiply(x, slope, out=ctx.work("y", x.shape, x.dtype))
        np.add(y, shift, out=y)

        def back(dy: Array) -> tuple[Array, dict[str, Array]]:
            gradients = {}
            if self.scale or self.center:
                total = ctx.kernels.sum_rows(dy)
                gradients = self._gradients((ctx.kernels.sum_rows(dy * x) - mean * total) * inverse, total)
            return np.multiply(dy, slope, out=ctx.work("dx", dy.shape, dy.dtype)), gradients

        return y, back

    def _gradients(self, gamma: Array, beta: Array) -> dict[str, Array]:
        wanted = (("gamma", self.scale, gamma), ("beta", self.center, beta))
        return {name: gradient for name, has, gradient in wanted if has}

    def _rows(self, x: Array) -> Array:
        """x as (m, c)."""
        last = self.axis in (-1, x.ndim - 1)
        moved = x if last else np.moveaxis(x, self.axis, -1)
        return moved if moved.ndim == 2 else moved.reshape(-1, moved.shape[-1])

    def _unrows(self, rows: Array, x: Array) -> Array:
        """Rows (m, c) in the shape of x."""
        if self.axis in (-1, x.ndim - 1):
            return rows if x.ndim == 2 else rows.reshape(x.shape)
        sizes = list(x.shape)
        sizes.append(sizes.pop(self.axis))
        return np.moveaxis(rows.reshape(sizes), -1, self.axis)

    def _kept(self, x: Array, ctx: Context) -> Array | None:
        """1 for what the mask keeps, else 0: (m, 1), or (m, c) where the channels are not the last axis."""
        mask = ctx.masks[0] if ctx.masks is not None else None
        if mask is None:
            return None
        kept = np.expand_dims(mask, -1).astype(x.dtype)
        if self.axis in (-1, x.ndim - 1):
            return kept.reshape(-1, 1)
        return self._rows(kept + np.zeros_like(x))


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"batch_normalization": BatchNormalization}
