"""Bidirectional: runs a recurrent layer forwards and its twin backwards over a sequence."""

from __future__ import annotations

import copy
from typing import Any, Literal

from kexp.backend import Array
from kexp.core.component import LayerSpec, one_of
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer, assign_all
from kexp.core.nesting import prefixed
from kexp.errors import ArgumentError, ShapeError
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.recurrent import flattened
from kexp_plugins.layers.recurrent_products import room
from kexp_plugins.layers.wrapper import wrapped

MODES = ("sum", "mul", "concat", "ave", None)


class Bidirectional(Layer):
    """`layer` over the sequence, its twin over the reversed sequence, and both outputs merged step by step.

    `backward_layer` replaces the twin; it must have go_backwards=True. `merge_mode` None gives both outputs. First
    states, as further inputs or by `initial_state`: those of the forward layer, then those of the backward layer;
    return_state gives the last states in this order. Where steps are masked, sequences of outputs are 0.
    Shapes: x (n, t, d) -> y as the layer gives it, its last axis twice as long with 'concat'.
    Raises: ShapeError if outputs of two widths are to be added or multiplied.
    Source: Schuster & Paliwal 1997, section II.
    """

    casts_ints = True
    supports_masking = True

    def __init__(
        self,
        layer: LayerSpec,
        merge_mode: Literal["sum", "mul", "concat", "ave"] | None = "concat",
        weights: Any = None,
        backward_layer: LayerSpec = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.merge_mode = one_of("merge_mode", merge_mode, MODES)
        given: Any = wrapped(layer)
        other: Any = None if backward_layer is None else wrapped(backward_layer)
        for each in (given, other or given):
            if not hasattr(each, "go_backwards"):
                raise ArgumentError(f"layer must be a recurrent layer. Received: {each!r}")
        forwards = _fresh(given, "forward")
        if other is None:
            other = _fresh(given, "backward")
            other.go_backwards = not forwards.go_backwards
        _require_match(forwards, other)
        for each in (forwards, other):
            each.zero_output_for_mask = each.return_sequences
        self.forward_layer: Any = self.add_layer("forward_layer", forwards)
        self.backward_layer: Any = self.add_layer("backward_layer", other)
        self.return_sequences, self.return_state = forwards.return_sequences, forwards.return_state
        self.stateful = forwards.stateful
        self._first_weights = weights

    def build(self, input_shape: Any) -> None:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        self.build_layer("forward_layer", shape)
        self.build_layer("backward_layer", shape)
        if self._first_weights:
            assign_all(self.weights, self._first_weights, f"layer {self.name!r}")

    def compute_output_shape(self, input_shape: Any) -> Any:
        shapes = [way.compute_output_shape(input_shape) for way in (self.forward_layer, self.backward_layer)]
        (y, *states), (y_rev, *states_rev) = shapes if self.return_state else ([shape] for shape in shapes)
        outputs = [y, y_rev] if self.merge_mode is None else [y]
        if self.merge_mode in ("sum", "mul", "ave") and y[-1] != y_rev[-1]:
            raise ShapeError(
                f"layer {self.name!r} (Bidirectional): merge_mode {self.merge_mode!r} needs outputs of one width. The "
                f"forward layer gives {y[-1]}, the backward layer {y_rev[-1]}; 'concat' and None take any widths"
            )
        if self.merge_mode == "concat":
            outputs = [(*y[:-1], y[-1] + y_rev[-1])]
        found = [*outputs, *states, *states_rev]
        return found if len(found) > 1 else found[0]

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        first = mask[0] if isinstance(mask, list | tuple) else mask
        found = first if self.return_sequences else None
        ways = (self.forward_layer, self.backward_layer) if self.return_state else ()
        count = sum(len(way.state_size) for way in ways)
        masks = [found] * (2 if self.merge_mode is None else 1) + [None] * count
        return masks if len(masks) > 1 else masks[0]

    def __call__(self, *inputs: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        """layer(x), layer([x, *states]), layer(x, states) or layer(x, initial_state=states)."""
        states = [] if initial_state is None else flattened(initial_state)
        if states or any(isinstance(part, list | tuple) for part in inputs[1:]):
            inputs = ([*flattened(inputs), *states],)
        return super().__call__(*inputs, **kwargs)

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        ways = [way.flops(input_shape, output_shape) for way in (self.forward_layer, self.backward_layer)]
        return None if None in ways else sum(way or 0 for way in ways)

    def reset_state(self) -> None:
        """Forget the states that `stateful` keeps."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """The same, under its older name."""
        self.reset_state()

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Any, Pullback]:
        x, *states = inputs
        half = len(states) // 2
        ends: list[tuple[Any, Any]] = []
        for name, given in (("forward_layer", states[:half]), ("backward_layer", states[half:])):
            child = ctx.child(name)
            child.masks = None if ctx.masks is None else (ctx.masks[0], *[None] * half)
            ends.append(self._layers[name].forward(x, *given, ctx=child))
        (ahead, pull_ahead), (behind, pull_behind) = ends
        (y, *states_ahead), (y_rev, *states_behind) = (ahead, behind) if self.return_state else ([ahead], [behind])
        turned = y_rev[:, ::-1] if self.return_sequences else y_rev
        merged = self._merge(y, turned, ctx)
        count = len(states_ahead)

        def pullback(dy: Any) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            several = self.return_state or self.merge_mode is None
            outputs, dstates = self._parted(list(dy) if several else [dy])
            d, d_rev = self._split(outputs, y, turned)
            d_rev = d_rev[:, ::-1] if self.return_sequences else d_rev
            da, db = ([d, *dstates[:count]], [d_rev, *dstates[count:]]) if self.return_state else (d, d_rev)
            (dx, *first), gradients = pull_ahead(da)
            (dx_rev, *first_rev), gradients_rev = pull_behind(db)
            total = None if dx is None or dx_rev is None else dx + dx_rev
            found = prefixed("forward_layer", gradients) | prefixed("backward_layer", gradients_rev)
            return (total, *first, *first_rev), found

        found = [*merged, *states_ahead, *states_behind]
        return found if len(found) > 1 else found[0], pullback

    def _parted(self, dy: list[Array]) -> tuple[list[Array], list[Array]]:
        count = 2 if self.merge_mode is None else 1
        return dy[:count], dy[count:]

    def _merge(self, y: Array, y_rev: Array, ctx: Context) -> list[Array]:
        if self.merge_mode is None:
            return [y, y_rev]
        if self.merge_mode == "concat":
            units = y.shape[-1]
            both = room(ctx, "y", (*y.shape[:-1], units + y_rev.shape[-1]), y)
            both[..., :units], both[..., units:] = y, y_rev
            return [both]
        if self.merge_mode == "mul":
            return [y * y_rev]
        return [y + y_rev if self.merge_mode == "sum" else (y + y_rev) / 2]

    def _split(self, dy: list[Array], y: Array, y_rev: Array) -> tuple[Array, Array]:
        """The cotangents of both layers' outputs."""
        if self.merge_mode is None:
            return dy[0], dy[1]
        (d,) = dy
        if self.merge_mode == "concat":
            units = y.shape[-1]
            return d[..., :units], d[..., units:]
        if self.merge_mode == "mul":
            return d * y_rev, d * y
        return (d, d) if self.merge_mode == "sum" else (d / 2, d / 2)


def _fresh(layer: Any, side: str) -> Any:
    """The layer anew, without weights."""
    made = type(layer).from_config(layer.get_config()) if layer.built else copy.deepcopy(layer)
    made.name = f"{side}_{layer.name.removeprefix(side + '_')}"
    return made


def _require_match(forwards: Any, backwards: Any) -> None:
    """Raise ArgumentError unless the layers run in opposite directions and agree in all else that matters."""
    if forwards.go_backwards == backwards.go_backwards:
        raise ArgumentError(
            f"layer and backward_layer must differ in go_backwards. Received: {forwards.go_backwards} for both"
        )
    for name in ("stateful", "return_sequences", "return_state"):
        a, b = getattr(forwards, name), getattr(backwards, name)
        if a != b:
            raise ArgumentError(f"layer and backward_layer must agree in {name}. Received: {a} and {b}")


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"bidirectional": Bidirectional}
