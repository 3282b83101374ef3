"""StackedRNNCells: several cells as one, each fed with the output of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kexp.backend import Array
from kexp.core.component import LayerSpec, resolve
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.nesting import prefixed
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.recurrent import flat_sizes
from kexp_plugins.layers.recurrent_steps import Scan, scan


class StackedRNNCells(Layer):
    """A stack of cells that is itself a cell; its states are those of all cells, the first cell's first.

    Shapes: x (n, d), states (n, units) -> output (n, units of the last cell), states.
    """

    min_ndim = 2

    def __init__(self, cells: Sequence[LayerSpec], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not cells:
            raise ArgumentError("cells must be a list of at least one cell. Received: []")
        self.cells: list[Any] = []
        for place, spec in enumerate(cells):
            cell = resolve("layer", spec)
            if not hasattr(cell, "state_size"):
                raise ArgumentError(f"cells must be layers with a state_size. Received: {cell!r}")
            self.cells.append(self.add_layer(f"cell_{place}", cell))

    @property
    def state_size(self) -> list[Any]:
        """The sizes of each cell's states."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        """The width of the last cell's output."""
        return _output_size(self.cells[-1])

    def build(self, input_shape: Any) -> None:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        for place, cell in enumerate(self.cells):
            self.build_layer(f"cell_{place}", shape)
            shape = (shape[0], _output_size(cell))

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        return [(shape[0], size) for size in (self.output_size, *flat_sizes(self.state_size))]

    def forward(self, *inputs: Array, ctx: Context) -> tuple[list[Array], Pullback]:
        x, *states = inputs
        outputs, finals, pull = self.scan(x[None], states, None, ctx)

        def pullback(dy: Sequence[Array]) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            dx, dstates, gradients = pull([dy[0]], dy[1:])
            return (None if dx is None else dx[0], *dstates), gradients

        return [outputs[0], *finals], pullback

    def scan(self, x: Array, states: Sequence[Array], keep: Array | None, ctx: Context) -> Scan:
        """Run one cell after the other over the whole sequence; as `RecurrentCell.scan`."""
        pulls: list[Any] = []
        finals: list[Array] = []
        start = 0
        for place, cell in enumerate(self.cells):
            count = len(flat_sizes(cell.state_size))
            first, wants_dx = states[start : start + count], ctx.wants_dx or place > 0
            x, last, pull = scan(cell, x, first, keep, ctx, f"cell_{place}", wants_dx)
            pulls.append((pull, slice(start, start + count)))
            finals += last
            start += count

        def pullback(doutputs: Any, dfinals: Sequence[Array | None]) -> Any:
            dstates: list[Array] = []
            gradients: dict[str, Array] = {}
            for place in reversed(range(len(pulls))):
                pull, part = pulls[place]
                doutputs, dfirst, found = pull(doutputs, dfinals[part])
                dstates = [*dfirst, *dstates]
                gradients |= prefixed(f"cell_{place}", found)
            return doutputs, tuple(dstates), gradients

        return x, tuple(finals), pullback


def _output_size(cell: Any) -> int:
    size = getattr(cell, "output_size", None)
    return int(flat_sizes(cell.state_size)[0] if size is None else size)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"stacked_rnn_cells": StackedRNNCells}
