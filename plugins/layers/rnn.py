"""RNN: runs a cell, or a stack of cells, over sequences."""

from __future__ import annotations

from typing import Any

from kexp.core.component import LayerSpec, resolve
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.recurrent import Recurrent
from kexp_plugins.layers.stacked_rnn_cells import StackedRNNCells


class RNN(Recurrent):
    """Runs `cell` over a sequence; see Recurrent.

    A cell is a layer with a `state_size` (an int, or a list of them) and either Keras' `call(inputs, states) ->
    (output, states)` or `forward(x, *states, ctx) -> ([output, *states], pullback)`. A list of cells is a stack.
    Shapes: x (n, t, ...) -> y (n, units), or (n, t, units) with return_sequences.
    """

    def __init__(
        self,
        cell: LayerSpec,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            zero_output_for_mask=zero_output_for_mask,
            **kwargs,
        )
        self._set_cell(StackedRNNCells(cell) if isinstance(cell, list | tuple) else resolve("layer", cell))


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"rnn": RNN}
