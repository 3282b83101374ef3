"""Step: a node of a graph made ready to run."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.composite import with_penalty
from kexp.core.context import Context, Pullback
from kexp.core.weight import Weight
from kexp.graph.casting import casting
from kexp.graph.graph import Node, Tensor


class Step:
    """A node with its context and the slots of its values."""

    def __init__(self, node: Node, ctx: Context, slots: dict[Tensor, int], *, at_once: bool) -> None:
        self.layer = node.layer
        self.ctx = ctx
        self.kept = {name: weight for name, weight in node.layer.named_weights().items() if not weight.learns}
        self.forward: Callable[..., Any] = node.how.applied(node.layer.forward)
        if node.layer.activity_regularizer is not None:
            self.forward = with_penalty(self.forward, node.layer.activity_regularizer)
        if at_once and self.kept:
            self.forward = functools.partial(_with_updates, self.forward, self.kept)
        self.forward = casting(self.forward, node)
        self.plain = len(node.plain)
        self.inputs = [slots[tensor] for tensor in node.inputs]
        self.outputs = [slots[tensor] for tensor in node.outputs]
        self.input, self.output = self.inputs[0], self.outputs[0]
        self.multiple = node.multiple
        self.single = len(self.inputs) == 1 and not node.multiple

    def run(self, values: list[Any]) -> Pullback:
        """Run a node of several inputs or outputs."""
        result, pullback = self.forward(*(values[slot] for slot in self.inputs), ctx=self.ctx)
        for slot, value in zip(self.outputs, result if self.multiple else [result], strict=True):
            values[slot] = value
        back: Pullback = pullback
        return back

    def run_masked(self, values: list[Any], masks: list[Array | None]) -> Pullback:
        """Run a node with its inputs' masks, and find those of its outputs."""
        inputs, given = [values[slot] for slot in self.inputs], [masks[slot] for slot in self.inputs]
        known = any(mask is not None for mask in given)
        self.ctx.masks = tuple(given) if known else None
        pullback = self.run(values)
        found: Any = None
        if (known and self.layer.passes_masks) or self.layer.makes_mask:
            inputs, given, several = inputs[: self.plain], given[: self.plain], self.plain > 1
            found = self.layer.compute_mask(inputs if several else inputs[0], given if several else given[0])
        listed = list(found) if isinstance(found, list | tuple) else [found] * len(self.outputs)
        for slot, mask in zip(self.outputs, listed, strict=True):
            masks[slot] = mask
        return pullback

    def cotangents(self, pending: list[Array | None], values: list[Any]) -> Any:
        """The cotangents of all outputs: zeros where an output leads nowhere, None if all do."""
        if not self.multiple:
            return pending[self.output]
        given = [pending[slot] for slot in self.outputs]
        if all(array is None for array in given):
            return None
        pairs = zip(self.outputs, given, strict=True)
        return tuple(np.zeros_like(values[slot]) if array is None else array for slot, array in pairs)


def _with_updates(
    forward: Callable[..., Any], kept: Mapping[str, Weight], *inputs: Array, ctx: Context
) -> tuple[Any, Pullback]:
    """`forward` of a layer that stands at several places, each of which goes on from the state that one before left."""
    result: tuple[Any, Pullback] = forward(*inputs, ctx=ctx)
    for name, value in ctx.updates.items():
        kept[name].value[...] = value
    ctx.updates.clear()
    return result
