"""Running any cell over a sequence, step by step: for cells that have no `scan` of their own."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kexp.autodiff import vjp
from kexp.backend import Array
from kexp.core.context import Context
from kexp.core.layer import Layer

Scan = tuple[Array, tuple[Array, ...], Callable[..., Any]]


def scan(
    cell: Layer, x: Array, states: Sequence[Array], keep: Array | None, ctx: Context, name: str, wants_dx: bool
) -> Scan:
    """Run the inner layer `name` over x (t, n, ...): its own `scan`, or one step after the other.

    The meaning of arguments and results is that of `RecurrentCell.scan`.
    """
    own = getattr(cell, "scan", None)
    if own is not None:
        result: Scan = own(x, states, keep, ctx.child(name, wants_dx=wants_dx))
        return result
    return _Steps(cell, keep, ctx, name, wants_dx).run(x, states)


class _Steps:
    """One pass over a sequence with one pullback a step."""

    def __init__(self, cell: Layer, keep: Array | None, ctx: Context, name: str, wants_dx: bool) -> None:
        self.cell, self.keep, self.ctx, self.name, self.wants_dx = cell, keep, ctx, name, wants_dx
        self.pullbacks: list[Any] = []

    def run(self, x: Array, states: Sequence[Array]) -> Scan:
        """Outputs (t, n, ...), last states, pullback."""
        outputs, current = [], list(states)
        for step in range(len(x)):
            child = self.ctx.child(self.name, str(step), wants_dx=self.wants_dx)
            (output, *new), pullback = _step(self.cell, x[step], current, child)
            self.pullbacks.append(pullback)
            if self.keep is not None:
                rows = [_like(self.keep[step], value) for value in (output, *new)]
                output = np.where(rows[0], output, current[0])
                new = [np.where(row, a, b) for row, a, b in zip(rows[1:], new, current, strict=True)]
            current = new
            outputs.append(output)
        self.zeros = [np.zeros_like(value) for value in (outputs[0], *current)]
        self.x = x
        return np.stack(outputs), tuple(current), self.pullback

    def pullback(self, doutputs: Sequence[Array | None], dfinals: Sequence[Array | None]) -> Any:
        """From the cotangents of outputs and last states to those of x, the first states and the weights."""
        dstates = [zero if d is None else d for zero, d in zip(self.zeros[1:], dfinals, strict=True)]
        total: dict[str, Array] = {}
        dx: list[Array] = []
        for step in reversed(range(len(self.pullbacks))):
            given = doutputs[step]
            d = self.zeros[0] if given is None else given
            held: list[Array] | None = None
            if self.keep is not None:
                rows = [_like(self.keep[step], value) for value in (d, *dstates)]
                held = [value * ~row for row, value in zip(rows[1:], dstates, strict=True)]
                held[0] = held[0] + d * ~rows[0]
                d, *dstates = [value * row for row, value in zip(rows, (d, *dstates), strict=True)]
            (dinput, *dstates), gradients = self.pullbacks[step]([d, *dstates])
            if held is not None:
                dstates = [a + b for a, b in zip(dstates, held, strict=True)]
            dx.append(dinput)
            total = {key: total[key] + value if key in total else value for key, value in gradients.items()}
        return None if dx[0] is None else np.stack(dx[::-1]), tuple(dstates), total


def _like(keep: Array, value: Array) -> Array:
    return keep.reshape(keep.shape[:1] + (1,) * (value.ndim - 1))


def _step(cell: Layer, x: Array, states: Sequence[Array], ctx: Context) -> tuple[Any, Any]:
    if type(cell).forward is not Layer.forward:
        return cell.forward(x, *states, ctx=ctx)
    return _keras_step(cell, x, states, ctx)


def _keras_step(cell: Layer, x: Array, states: Sequence[Array], ctx: Context) -> tuple[Any, Any]:
    """A cell in Keras' form: call(inputs, states) -> (output, states)."""
    call = cell._bound_call(ctx)
    names = [name for name, weight in cell.named_weights().items() if weight.learns and "/" not in name]
    shadow, count = copy.copy(cell), 1 + len(states)

    def traced(*arguments: Any) -> Any:
        shadow.__dict__.update(zip(names, arguments[count:], strict=True))
        output, new = call(shadow, arguments[0], list(arguments[1:count]))
        return (output, *(new if isinstance(new, list | tuple) else [new]))

    values = [cell.__dict__[name] for name in names]
    if not ctx.wants_pullback:
        return traced(x, *states, *values), None
    y, pull = vjp(traced, x, *states, *values)

    def pullback(dy: Any) -> Any:
        cotangents = pull(tuple(dy))
        return cotangents[:count], dict(zip(names, cotangents[count:], strict=True))

    return y, pullback
