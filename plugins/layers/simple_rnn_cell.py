"""SimpleRNNCell: h = activation(x @ kernel + h @ recurrent_kernel + bias)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.activation import get_activation
from kexp.core.component import ActivationSpec, ConstraintSpec, InitializerSpec, RegularizerSpec
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.recurrent_cell import RecurrentCell, Scan
from kexp_plugins.layers.recurrent_gates import Gates
from kexp_plugins.layers.recurrent_products import Carry, Product, room


class SimpleRNNCell(RecurrentCell):
    """One step of a fully connected recurrent network, whose output is its state.

    Shapes: x (n, d), h (n, units) -> output (n, units), h; kernel (d, units), recurrent_kernel (units, units),
    bias (units,). Source: Elman 1990, figure 2.
    """

    def __init__(
        self,
        units: int,
        activation: ActivationSpec = "tanh",
        use_bias: bool = True,
        kernel_initializer: InitializerSpec = "glorot_uniform",
        recurrent_initializer: InitializerSpec = "orthogonal",
        bias_initializer: InitializerSpec = "zeros",
        kernel_regularizer: RegularizerSpec = None,
        recurrent_regularizer: RegularizerSpec = None,
        bias_regularizer: RegularizerSpec = None,
        kernel_constraint: ConstraintSpec = None,
        recurrent_constraint: ConstraintSpec = None,
        bias_constraint: ConstraintSpec = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(units, dropout, recurrent_dropout, seed, **kwargs)
        self._keep_weight_arguments(locals())
        self.activation = get_activation(activation)
        self.use_bias = use_bias

    def scan(self, x: Array, states: Sequence[Array], keep: Array | None, ctx: Context) -> Scan:
        steps, n, _ = x.shape
        inputs, masks = self.products(x, ctx, shared=True)
        recurrent = Product(self.recurrent_kernel, masks, ctx, "recurrent")
        gates = Gates([self.activation], self.units, x, ctx)
        y = inputs(x, room(ctx, "y", (steps, n, self.units), x))
        if self.bias is not None:
            np.add(y, self.bias, out=y)
        h = room(ctx, "h", (steps + 1, n, self.units), x)
        h[0] = states[0]
        product = room(ctx, "product", (n, self.units), x)
        for step in range(steps):
            np.add(y[step], recurrent(h[step], product), out=y[step])
            gates.apply(step, y[step])
            h[step + 1] = y[step] if keep is None else np.where(keep[step], y[step], h[step])

        def pullback(doutputs: Sequence[Array | None], dfinals: Sequence[Array | None]) -> Any:
            dz = room(ctx, "dz", y.shape, y)
            work, back = room(ctx, "work", (n, self.units), x), room(ctx, "back", (n, self.units), x)
            dh = Carry(dfinals[0], work, ctx, "dh")
            for step in reversed(range(steps)):
                total = dh.add(doutputs[step])
                held = None if keep is None else total * ~keep[step]
                np.multiply(total, 1 if keep is None else keep[step], out=dz[step])
                gates.pull(step, y[step], dz[step], work)
                dh.set(recurrent.back(dz[step], back), held)
            gradients = {
                "kernel": inputs.gradient(x, dz, ctx.out("kernel")),
                "recurrent_kernel": recurrent.gradient(h[:-1], dz, ctx.out("recurrent_kernel")),
            }
            if self.bias is not None:
                gradients["bias"] = ctx.kernels.sum_rows(dz.reshape(-1, self.units), ctx.out("bias"))
            return inputs.back(dz, room(ctx, "dx", x.shape, x)) if ctx.wants_dx else None, (dh.value,), gradients

        return h[1:], (h[-1],), pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"simple_rnn_cell": SimpleRNNCell}
