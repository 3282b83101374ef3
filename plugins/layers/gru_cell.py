"""GRUCell: one step of a gated recurrent unit."""

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


class GRUCell(RecurrentCell):
    """One step of a gated recurrent unit with the state h, which is its output.

    z, r = recurrent_activation of the first two blocks of x @ kernel + h @ recurrent_kernel + bias;
    g = activation(x_g + r * (h @ recurrent_kernel_g + recurrent bias)), or with reset_after=False
    activation(x_g + (r * h) @ recurrent_kernel_g); h = z * h + (1 - z) * g.
    Shapes: x (n, d), h (n, units) -> output (n, units), h; kernel (d, 3 units), recurrent_kernel (units, 3 units),
    bias (2, 3 units), of the input and of the state, or (3 units,) with reset_after=False.
    Source: Cho et al. 2014, eq. 5 to 8 (reset_after=False: version 3 of that paper).
    """

    blocks = 3

    def __init__(
        self,
        units: int,
        activation: ActivationSpec = "tanh",
        recurrent_activation: ActivationSpec = "sigmoid",
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
        reset_after: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(units, dropout, recurrent_dropout, seed, **kwargs)
        self._keep_weight_arguments(locals())
        self.activation = get_activation(activation)
        self.recurrent_activation = get_activation(recurrent_activation)
        self.use_bias = use_bias
        self.reset_after = reset_after

    def bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def scan(self, x: Array, states: Sequence[Array], keep: Array | None, ctx: Context) -> Scan:
        run = _Run(self, x, keep, ctx)
        run.forward(states[0])
        return run.h[1:], (run.h[-1],), run.pullback


class _Run:
    """One pass over a sequence."""

    def __init__(self, cell: GRUCell, x: Array, keep: Array | None, ctx: Context) -> None:
        self.cell, self.x, self.keep, self.ctx = cell, x, keep, ctx
        self.units = units = cell.units
        self.steps, self.n, _ = x.shape
        self.inputs, masks = cell.products(x, ctx)
        kernel, two = cell.recurrent_kernel, 2 * units
        if cell.reset_after:
            self.whole = Product(kernel, masks, ctx, "recurrent")
        else:
            several = bool(masks) and len(masks) > 1
            self.gate_part = Product(kernel[:, :two].copy(), masks[:2] if several else masks, ctx, "gates")
            self.candidate_part = Product(kernel[:, two:].copy(), masks[2:] if several else masks, ctx, "candidate")
        self.gates = Gates([cell.recurrent_activation] * 2, units, x, ctx)
        self.squash = Gates([cell.activation], units, x, ctx)
        self.h = room(ctx, "h", (self.steps + 1, self.n, units), x)
        self.y = room(ctx, "y", (self.steps, self.n, 3 * units), x)
        self.inner = room(ctx, "inner", (self.steps, self.n, units), x)

    def forward(self, h0: Array) -> None:
        """Fill y (z, r and g), inner and h."""
        h, keep, two, bias = self.h, self.keep, 2 * self.units, self.cell.bias
        h[0] = h0
        y = self.inputs(self.x, self.y)
        if bias is not None:
            np.add(y, bias[0] if self.cell.reset_after else bias, out=y)
        product = room(self.ctx, "product", (self.n, (3 if self.cell.reset_after else 2) * self.units), self.x)
        work = room(self.ctx, "candidate product", (self.n, self.units), self.x)
        for step in range(self.steps):
            row, before, after = y[step], h[step], h[step + 1]
            gates, candidate = row[:, :two], row[:, two:]
            self._recur(step, before, row, product, work)
            self.squash.apply(step, candidate)
            np.subtract(before, candidate, out=after)
            np.multiply(after, gates[:, : self.units], out=after)
            np.add(after, candidate, out=after)
            if keep is not None:
                after[...] = np.where(keep[step], after, before)

    def _recur(self, step: int, before: Array, row: Array, product: Array, work: Array) -> None:
        """Activate z and r, and add to the candidate what comes from the state."""
        two, inner = 2 * self.units, self.inner[step]
        gates, candidate, reset = row[:, :two], row[:, two:], row[:, self.units : two]
        if self.cell.reset_after:
            self.whole(before, product)
            if self.cell.bias is not None:
                np.add(product, self.cell.bias[1], out=product)
            inner[...] = product[:, two:]
            np.add(gates, product[:, :two], out=gates)
            self.gates.apply(step, gates)
            np.multiply(reset, inner, out=work)
        else:
            np.add(gates, self.gate_part(before, product), out=gates)
            self.gates.apply(step, gates)
            np.multiply(reset, before, out=inner)
            self.candidate_part(inner, work)
        np.add(candidate, work, out=candidate)

    def pullback(self, doutputs: Sequence[Array | None], dfinals: Sequence[Array | None]) -> Any:
        """From the cotangents of outputs and last state to those of x, the first state and the weights."""
        ctx, x, units = self.ctx, self.x, self.units
        dz = room(ctx, "dz", self.y.shape, x)
        drecurrent = room(ctx, "drecurrent", self.y.shape, x) if self.cell.reset_after else dz
        work, wide = room(ctx, "work", (self.n, units), x), room(ctx, "wide", (self.n, 2 * units), x)
        dbefore = room(ctx, "dbefore", (self.n, units), x)
        dh = Carry(dfinals[0], work, ctx, "dh")
        for step in reversed(range(self.steps)):
            total = dh.add(doutputs[step])
            held = None
            if self.keep is not None:
                held, total = total * ~self.keep[step], total * self.keep[step]
            self._step(step, total, dz[step], work)
            np.multiply(total, self.y[step][:, :units], out=dbefore)
            self._recur_back(step, dz[step], drecurrent[step], dbefore, wide, work)
            dh.set(dbefore, held)
        gradients = {"kernel": self.inputs.gradient(x, dz, ctx.out("kernel"))} | self._gradients(dz, drecurrent)
        dx = self.inputs.back(dz, room(ctx, "dx", x.shape, x)) if ctx.wants_dx else None
        return dx, (dh.value,), gradients

    def _step(self, step: int, dh: Array, dz: Array, work: Array) -> None:
        """Write the cotangents of z, after its activation, and of g, before it, into dz."""
        units, row = self.units, self.y[step]
        update, candidate = row[:, :units], row[:, 2 * units :]
        dupdate, dcandidate = dz[:, :units], dz[:, 2 * units :]
        np.subtract(self.h[step], candidate, out=work)
        np.multiply(dh, work, out=dupdate)
        np.multiply(dh, update, out=work)
        np.subtract(dh, work, out=dcandidate)
        self.squash.pull(step, candidate, dcandidate, work)

    def _recur_back(self, step: int, dz: Array, drecurrent: Array, dbefore: Array, wide: Array, work: Array) -> None:
        """Finish dz and drecurrent, and add to the cotangent of the state before."""
        units, row = self.units, self.y[step]
        gates, reset, dgates = row[:, : 2 * units], row[:, units : 2 * units], dz[:, : 2 * units]
        dreset, dcandidate = dz[:, units : 2 * units], dz[:, 2 * units :]
        if self.cell.reset_after:
            np.multiply(dcandidate, self.inner[step], out=dreset)
            self.gates.pull(step, gates, dgates, wide)
            drecurrent[:, : 2 * units] = dgates
            np.multiply(dcandidate, reset, out=drecurrent[:, 2 * units :])
            np.add(dbefore, self.whole.back(drecurrent, work), out=dbefore)
            return
        self.candidate_part.back(dcandidate, work)
        np.multiply(work, self.h[step], out=dreset)
        np.multiply(work, reset, out=work)
        np.add(dbefore, work, out=dbefore)
        self.gates.pull(step, gates, dgates, wide)
        np.add(dbefore, self.gate_part.back(dgates, work), out=dbefore)

    def _gradients(self, dz: Array, drecurrent: Array) -> dict[str, Array]:
        ctx, two, bias = self.ctx, 2 * self.units, self.cell.bias
        out, bias_out = ctx.out("recurrent_kernel"), ctx.out("bias")
        rows = dz.reshape(-1, 3 * self.units)
        if self.cell.reset_after:
            found = {"recurrent_kernel": self.whole.gradient(self.h[:-1], drecurrent, out)}
            if bias is not None:
                total = found["bias"] = np.empty_like(bias) if bias_out is None else bias_out
                ctx.kernels.sum_rows(rows, total[0])
                ctx.kernels.sum_rows(drecurrent.reshape(rows.shape), total[1])
            return found
        gradient = np.empty_like(self.cell.recurrent_kernel) if out is None else out
        gradient[:, :two] = self.gate_part.gradient(self.h[:-1], dz[..., :two], None)
        gradient[:, two:] = self.candidate_part.gradient(self.inner, dz[..., two:], None)
        found = {"recurrent_kernel": gradient}
        if bias is not None:
            found["bias"] = ctx.kernels.sum_rows(rows, bias_out)
        return found


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"gru_cell": GRUCell}
