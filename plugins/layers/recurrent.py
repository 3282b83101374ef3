"""Recurrent: what all recurrent layers have in common; their cells do the arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.nesting import prefixed
from kexp.errors import ArgumentError, ShapeError
from kexp_plugins.layers.recurrent_products import room
from kexp_plugins.layers.recurrent_steps import scan


class Recurrent(Layer):
    """Runs a cell over a sequence.

    `return_sequences`: the outputs of all time steps instead of the last one. `return_state`: the last states too.
    `go_backwards`: the last time step first; outputs are in the order in which they were made. `stateful`: the next
    batch goes on from this one's last states (`reset_state` forgets them). A mask (n, t) leaves outputs and states
    as they were where it is False (`zero_output_for_mask`: outputs are 0 there). `unroll` changes the speed of Keras
    only. First states may be given as further inputs, layer([x, h, c]), or by `initial_state`.
    Shapes: x (n, t, d), states (n, units) -> y (n, units) or (n, t, units), states (n, units); t may be unknown.
    Raises: ShapeError if x is no sequence.
    """

    casts_ints = True
    supports_masking = True
    cell: Any

    def __init__(
        self,
        *,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.states: list[Array] | None = None

    def _set_cell(self, cell: Layer) -> None:
        if not hasattr(cell, "state_size"):
            raise ArgumentError(f"cell must be a layer with a state_size. Received: {cell!r}")
        self.cell = self.add_layer("cell", cell)

    @property
    def state_size(self) -> list[int]:
        """The width of each state."""
        return flat_sizes(self.cell.state_size)

    @property
    def output_size(self) -> int:
        """The width of the output."""
        size = getattr(self.cell, "output_size", None)
        return int(self.state_size[0] if size is None else size)

    def ensure_built(self, input_shape: Any, *home: Any) -> None:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        if len(shape) < 3 or (hasattr(self.cell, "units") and len(shape) != 3):
            raise ShapeError(
                f"layer {self.name!r} ({type(self).__name__}) takes sequences of shape (n, t, d). Received: {shape}. "
                "If the layer before it is recurrent, give that layer `return_sequences: true`."
            )
        super().ensure_built(input_shape, *home)

    def build(self, input_shape: Any) -> None:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        self.build_layer("cell", (shape[0], *shape[2:]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        time = shape[1:2] if self.return_sequences else ()
        y = (shape[0], *time, self.output_size)
        return [y, *((shape[0], size) for size in self.state_size)] if self.return_state else y

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        first = mask[0] if isinstance(mask, list | tuple) else mask
        found = first if self.return_sequences else None
        return [found, *[None] * len(self.state_size)] if self.return_state else found

    def __call__(self, *inputs: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        """layer(x), layer([x, *states]), layer(x, states) or layer(x, initial_state=states)."""
        states = [] if initial_state is None else flattened(initial_state)
        if states or any(isinstance(part, list | tuple) for part in inputs[1:]):
            inputs = ([*flattened(inputs), *states],)
        found = super().__call__(*inputs, **kwargs)
        return [found[0], *_grouped(found[1:], self.cell.state_size)] if self.return_state else found

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        steps = (input_shape[0] if isinstance(input_shape, list) else input_shape)[1]
        kernels = sum(weight.value.size for weight in self.weights if weight.name.endswith("kernel"))
        return None if steps is None else 2 * steps * kernels

    def get_initial_state(self, batch_size: int) -> list[Array]:
        """States of zeros for a batch."""
        return [self.backend.xp.zeros((batch_size, size), dtype=self.dtype) for size in self.state_size]

    def reset_state(self) -> None:
        """Forget the states that `stateful` keeps."""
        self.states = None

    def reset_states(self) -> None:
        """The same, under its older name."""
        self.reset_state()

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Any, Pullback]:
        x, *given = inputs
        steps = x.shape[1]
        keep = self._keep(x, ctx)
        turned = np.swapaxes(x, 0, 1)
        xs = room(ctx, "steps", turned.shape, x)
        xs[...] = turned[::-1] if self.go_backwards else turned
        hs, finals, pull = scan(self.cell, xs, self._first_states(x, given), keep, ctx, "cell", ctx.wants_dx)
        if self.stateful:
            self.states = [state.copy() for state in finals]
        zeroed = None if keep is None or not self.zero_output_for_mask or self.unroll else keep
        y = self._output(hs, zeroed, ctx)

        def pullback(dy: Any) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            dy, *dfinals = dy if self.return_state else [dy]
            doutputs: list[Array | None] = [None] * steps
            if self.return_sequences:
                doutputs = list(np.swapaxes(dy, 0, 1) if zeroed is None else np.swapaxes(dy, 0, 1) * zeroed)
            else:
                doutputs[-1] = dy if zeroed is None else dy * zeroed[-1]
            dxs, dstates, gradients = pull(doutputs, dfinals or [None] * len(finals))
            dx = None
            if dxs is not None:
                dx = room(ctx, "dx", x.shape, x)
                dx[...] = np.swapaxes(dxs[::-1] if self.go_backwards else dxs, 0, 1)
            return (dx, *dstates[: len(given)]), prefixed("cell", gradients)

        return [y, *finals] if self.return_state else y, pullback

    def _output(self, hs: Array, zeroed: Array | None, ctx: Context) -> Array:
        if not self.return_sequences:
            return hs[-1] if zeroed is None else hs[-1] * zeroed[-1]
        turned = np.swapaxes(hs, 0, 1)
        y = room(ctx, "sequence", turned.shape, hs)
        y[...] = turned if zeroed is None else turned * np.swapaxes(zeroed, 0, 1)
        return y

    def _keep(self, x: Array, ctx: Context) -> Array | None:
        """The mask with the time axis first, (t, n, 1), in the order of the steps."""
        mask = None if ctx.masks is None else ctx.masks[0]
        if mask is None:
            return None
        if mask.shape[:2] != x.shape[:2]:
            raise ShapeError(f"layer {self.name!r}: a mask {mask.shape} does not fit sequences {x.shape}")
        keep = np.swapaxes(mask.astype(bool).reshape(*x.shape[:2], -1), 0, 1)
        return keep[::-1] if self.go_backwards else keep

    def _first_states(self, x: Array, given: Sequence[Array]) -> Sequence[Array]:
        sizes = self.state_size
        if given:
            if len(given) != len(sizes):
                raise ShapeError(f"layer {self.name!r} has {len(sizes)} states. Received: {len(given)} initial states")
            return given
        if self.stateful and self.states is not None:
            if len(self.states[0]) != len(x):
                raise ShapeError(
                    f"layer {self.name!r} is stateful and holds the states of {len(self.states[0])} samples. "
                    f"Received: a batch of {len(x)}. Call reset_state() first, or use batches of one size."
                )
            return self.states
        own = getattr(self.cell, "get_initial_state", None)
        if own is not None:
            return flattened(own(batch_size=len(x)))
        return [np.full_like(x, 0, shape=(len(x), size)) for size in sizes]


def flattened(states: Any) -> list[Array]:
    """States in nested lists, as a stack of cells has them, in one list."""
    if not isinstance(states, list | tuple):
        return [states]
    return [state for part in states for state in flattened(part)]


def _grouped(states: Sequence[Any], sizes: Any) -> list[Any]:
    """The states of a stack's cells, those of one cell in a list if there are several, as in Keras."""
    left = iter(states)
    parts = sizes if isinstance(sizes, list | tuple) else [sizes]
    return [[next(left) for _ in part] if isinstance(part, list | tuple) else next(left) for part in parts]


def flat_sizes(size: Any) -> list[int]:
    """The sizes of states, in one list."""
    return [int(value) for value in flattened(size)]
