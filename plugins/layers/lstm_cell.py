"""LSTMCell: one step of a long short-term memory."""

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


class LSTMCell(RecurrentCell):
    """One step of a long short-term memory with states h and c.

    i, f, g, o = the four blocks of x @ kernel + h @ recurrent_kernel + bias through recurrent_activation (g: through
    activation); c = f * c + i * g; h = o * activation(c); h is the output.
    Shapes: x (n, d), h and c (n, units) -> output (n, units), h, c; kernel (d, 4 units), recurrent_kernel
    (units, 4 units), bias (4 units,), whose part of f starts at 1 with `unit_forget_bias`.
    Source: Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000, eq. 3; its bias: Jozefowicz et al. 2015.
    """

    blocks, n_states = 4, 2

    def __init__(
        self,
        units: int,
        activation: ActivationSpec = "tanh",
        recurrent_activation: ActivationSpec = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: InitializerSpec = "glorot_uniform",
        recurrent_initializer: InitializerSpec = "orthogonal",
        bias_initializer: InitializerSpec = "zeros",
        unit_forget_bias: bool = True,
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
        self.recurrent_activation = get_activation(recurrent_activation)
        self.use_bias = use_bias
        self.unit_forget_bias = unit_forget_bias

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        if self.use_bias and self.unit_forget_bias and self.bias is not None:
            self.bias[self.units : 2 * self.units] = 1

    def scan(self, x: Array, states: Sequence[Array], keep: Array | None, ctx: Context) -> Scan:
        run = _Run(self, x, keep, ctx)
        run.forward(*states)
        return run.h[1:], (run.h[-1], run.c[-1]), run.pullback


class _Run:
    """One pass over a sequence."""

    def __init__(self, cell: LSTMCell, x: Array, keep: Array | None, ctx: Context) -> None:
        self.cell, self.x, self.keep, self.ctx = cell, x, keep, ctx
        self.units = units = cell.units
        self.steps, self.n, _ = x.shape
        self.inputs, masks = cell.products(x, ctx)
        self.recurrent = Product(cell.recurrent_kernel, masks, ctx, "recurrent")
        inner, outer = cell.recurrent_activation, cell.activation
        self.gates = Gates([inner, inner, outer, inner], units, x, ctx)
        self.squash = Gates([outer], units, x, ctx)
        self.h = room(ctx, "h", (self.steps + 1, self.n, units), x)
        self.c = room(ctx, "c", (self.steps + 1, self.n, units), x)
        self.squashed = room(ctx, "squashed", (self.steps, self.n, units), x)
        self.y = room(ctx, "y", (self.steps, self.n, 4 * units), x)

    def parts(self, row: Array) -> list[Array]:
        """The blocks i, f, g, o of (n, 4 units)."""
        return [row[:, k * self.units : (k + 1) * self.units] for k in range(4)]

    def forward(self, h0: Array, c0: Array) -> None:
        """Fill y, c, squashed and h."""
        h, c, keep = self.h, self.c, self.keep
        h[0], c[0] = h0, c0
        y = self.inputs(self.x, self.y)
        if self.cell.bias is not None:
            np.add(y, self.cell.bias, out=y)
        product = room(self.ctx, "product", (self.n, 4 * self.units), self.x)
        for step in range(self.steps):
            row, carry, squashed = y[step], c[step + 1], self.squashed[step]
            np.add(row, self.recurrent(h[step], product), out=row)
            self.gates.apply(step, row)
            i, f, g, o = self.parts(row)
            np.multiply(i, g, out=squashed)
            np.multiply(f, c[step], out=carry)
            np.add(carry, squashed, out=carry)
            squashed[...] = carry
            self.squash.apply(step, squashed)
            np.multiply(o, squashed, out=h[step + 1])
            if keep is not None:
                h[step + 1] = np.where(keep[step], h[step + 1], h[step])
                carry[...] = np.where(keep[step], carry, c[step])

    def pullback(self, doutputs: Sequence[Array | None], dfinals: Sequence[Array | None]) -> Any:
        """From the cotangents of outputs and last states to those of x, the first states and the weights."""
        cell, ctx, x, units = self.cell, self.ctx, self.x, self.units
        dz = room(ctx, "dz", self.y.shape, x)
        wide, work = room(ctx, "wide", (self.n, 4 * units), x), room(ctx, "work", (self.n, units), x)
        back, forgotten = room(ctx, "back", (self.n, units), x), room(ctx, "forgotten", (self.n, units), x)
        dh, dc = Carry(dfinals[0], work, ctx, "dh"), Carry(dfinals[1], work, ctx, "dc")
        for step in reversed(range(self.steps)):
            total = dh.add(doutputs[step])
            held = self.keep is not None and (total * ~self.keep[step], dc.value * ~self.keep[step])
            self._step(step, total, dc.value, dz[step], wide, work, forgotten)
            dh.set(self.recurrent.back(dz[step], back), held[0] if held else None)
            dc.set(forgotten, held[1] if held else None)
        gradients = {
            "kernel": self.inputs.gradient(x, dz, ctx.out("kernel")),
            "recurrent_kernel": self.recurrent.gradient(self.h[:-1], dz, ctx.out("recurrent_kernel")),
        }
        if cell.bias is not None:
            gradients["bias"] = ctx.kernels.sum_rows(dz.reshape(-1, 4 * units), ctx.out("bias"))
        dx = self.inputs.back(dz, room(ctx, "dx", x.shape, x)) if ctx.wants_dx else None
        return dx, (dh.value, dc.value), gradients

    def _step(self, step: int, dh: Array, dc: Array, dz: Array, wide: Array, work: Array, forgotten: Array) -> None:
        """Write the cotangent of the step's gates into dz, and that of the carry before it into `forgotten`."""
        i, f, g, o = self.parts(self.y[step])
        di, df, dg, do = self.parts(dz)
        np.multiply(dh, self.squashed[step], out=do)
        np.multiply(dh, o, out=forgotten)
        self.squash.pull(step, self.squashed[step], forgotten, work)
        np.add(forgotten, dc, out=forgotten)
        if self.keep is not None:
            np.multiply(forgotten, self.keep[step], out=forgotten)
            np.multiply(do, self.keep[step], out=do)
        np.multiply(forgotten, g, out=di)
        np.multiply(forgotten, self.c[step], out=df)
        np.multiply(forgotten, i, out=dg)
        self.gates.pull(step, self.y[step], dz, wide)
        np.multiply(forgotten, f, out=forgotten)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"lstm_cell": LSTMCell}
