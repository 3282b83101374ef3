"""The engine: runs a graph forward, and its pullbacks backward into the flat gradient vector."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from kexp.backend import Array, Backend
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.streams import Streams
from kexp.graph.graph import Graph, Node, Tensor
from kexp.graph.step import Step
from kexp.graph.weights import FlatWeights


class Engine:
    """A graph made ready to run again and again, for training or for inference.

    Everything that can be known beforehand is: slots for all values, one context for each node, where each
    gradient goes. Arrays that `forward` returns may be work arrays, overwritten by the next call.
    """

    def __init__(
        self,
        graph: Graph,
        backend: Backend,
        streams: Streams,
        *,
        training: bool = False,
        weights: FlatWeights | None = None,
        without_activation: Collection[Node] = (),
    ) -> None:
        """With `weights`, `backward` is possible; nodes in `without_activation` leave their last activation out."""
        self.weights = weights
        tensors = [*graph.inputs, *(tensor for node in graph.nodes for tensor in node.outputs)]
        slots = {tensor: index for index, tensor in enumerate(tensors)}
        self._values: list[Any] = [None] * len(slots)
        self._inputs = [slots[tensor] for tensor in graph.inputs]
        self._outputs = [slots[tensor] for tensor in graph.outputs]
        self._shared = _used_twice(graph)
        learning = _learning_nodes(graph, weights)
        self.contexts: list[Context] = []
        self._steps: list[Step] = []
        for node in graph.nodes:
            ctx = Context(
                training if node.how.training is None else node.how.training,
                backend=backend,
                stream=_stream(streams, node, node.layer),
                streams=_inner_streams(streams, node),
                wants_pullback=weights is not None and node in learning,
                wants_dx=any(tensor.node in learning for tensor in node.inputs),
                outs=self._gradient_views(node.layer),
                reuse=True,
                skip_activation=node in without_activation,
            )
            self.contexts.append(ctx)
            self._steps.append(Step(node, ctx, slots, at_once=node.layer in self._shared))
        self._forward = [(i, s.single, s.forward, s.input, s.output, s.ctx, s) for i, s in enumerate(self._steps)]
        self._backward = [
            (index, step.single, step.input, step.output, self._all_gradients(step.layer), step)
            for index, step in reversed(list(enumerate(self._steps)))
            if step.ctx.wants_pullback
        ]
        self._pullbacks: list[Pullback | None] = [None] * len(self._steps)
        self._accumulates = bool(self._shared) or len(graph.outputs) > 1 or any(node.multiple for node in graph.nodes)
        self._is_chain = not self._accumulates and _is_chain(graph)
        masked = _masked(graph)
        self._masks: list[Array | None] | None = [None] * len(slots) if masked else None
        self._no_masks: list[Array | None] = [None] * len(graph.outputs)
        self.masks_outputs = any(tensor in masked for tensor in graph.outputs)
        """Whether an output may have a mask."""
        self._chain = (
            [(i, s.forward, s.ctx) for i, s in enumerate(self._steps)] if self._is_chain and not masked else []
        )
        self._chain_back = [(index, views) for index, _, _, _, views, _ in self._backward]
        self._updating = [step for step in self._steps if any(not weight.learns for weight in step.layer.weights)]

    def forward(self, inputs: Sequence[Array]) -> list[Array]:
        """The outputs for a batch of inputs, one array for each input of the graph."""
        if self._chain:
            return [self._forward_chain(inputs[0])]
        values, pullbacks = self._values, self._pullbacks
        for slot, array in zip(self._inputs, inputs, strict=True):
            values[slot] = array
        index = -1
        try:
            if self._masks is not None:
                for index, step in enumerate(self._steps):
                    pullbacks[index] = step.run_masked(values, self._masks)
                return [values[slot] for slot in self._outputs]
            for index, single, function, source, target, ctx, step in self._forward:
                if single:
                    values[target], pullbacks[index] = function(values[source], ctx=ctx)
                else:
                    pullbacks[index] = step.run(values)
        except Exception as error:
            self._note(index, error)
            raise
        return [values[slot] for slot in self._outputs]

    @property
    def output_masks(self) -> list[Array | None]:
        """The mask of each output of the last `forward`, None where it has none."""
        return self._no_masks if self._masks is None else [self._masks[slot] for slot in self._outputs]

    def backward(self, cotangents: Sequence[Array | None]) -> None:
        """Write the gradient of all weights into the flat vector, given one cotangent for each output."""
        if self._is_chain:
            self._backward_chain(cotangents[0])
            return
        if self.weights is not None and self._accumulates:
            self.weights.g.fill(0)
        pending: list[Array | None] = [None] * len(self._values)
        for slot, array in zip(self._outputs, cotangents, strict=True):
            present = pending[slot]
            pending[slot] = array if present is None or array is None else present + array
        pullbacks, accumulates = self._pullbacks, self._accumulates
        for index, single, source, target, views, step in self._backward:
            dy = pending[target] if single else step.cotangents(pending, self._values)
            pullback = pullbacks[index]
            if dy is None or pullback is None:
                continue
            dinputs, gradients = pullback(dy)
            for name, gradient in gradients.items():
                view = views.get(name)
                if gradient is view or view is None:  # written in place, or frozen
                    continue
                if accumulates:
                    np.add(view, gradient, out=view)
                else:
                    view[...] = gradient
            for slot, array in zip((source,) if single else step.inputs, dinputs, strict=True):
                if array is not None:
                    present = pending[slot]
                    pending[slot] = array if present is None else present + array

    def _forward_chain(self, x: Array) -> Array:
        """`forward` for one layer after the other, without masks, as most models are: no slots."""
        pullbacks, index = self._pullbacks, 0
        try:
            for index, function, ctx in self._chain:
                x, pullbacks[index] = function(x, ctx=ctx)
        except Exception as error:
            self._note(index, error)
            raise
        return x

    def _note(self, index: int, error: Exception) -> None:
        layer = self._steps[index].layer
        error.add_note(f"in layer {layer.name!r} ({type(layer).__name__})")

    def _backward_chain(self, dy: Array | None) -> None:
        """`backward` for one layer after the other, as most models are: no sums, no slots."""
        pullbacks = self._pullbacks
        for index, views in self._chain_back:
            (dy,), gradients = pullbacks[index](dy)  # type: ignore[misc]
            for name, gradient in gradients.items():
                view = views.get(name)
                if gradient is not view and view is not None:  # else written in place, or frozen
                    view[...] = gradient

    def take_updates(self) -> None:
        """Write the new values of non-trainable weights that layers announced in their contexts."""
        for step in self._updating:
            for name, value in step.ctx.updates.items():
                step.kept[name].value[...] = value
            step.ctx.updates.clear()

    def take_losses(self) -> float:
        """The sum of the losses that layers announced in their contexts."""
        total = 0.0
        for ctx in self.contexts:
            if ctx.losses:
                total += sum(float(loss) for loss in ctx.losses)
                ctx.losses.clear()
        return total

    def _gradient_views(self, layer: Layer) -> dict[str, Array]:
        """Views that a pullback may write into: not for a layer used twice, whose gradients are summed."""
        return {} if self._shared.intersection(layer.family().values()) else self._all_gradients(layer)

    def _all_gradients(self, layer: Layer) -> dict[str, Array]:
        if self.weights is None:
            return {}
        named = layer.named_weights().items()
        return {name: self.weights.gradients[w] for name, w in named if w.learns and w.trainable}


def _stream(streams: Streams, node: Node, layer: Layer) -> np.random.Generator:
    """The stream of a layer by its path, the names of the inner models it stands in included."""
    path = "/".join([*(use.model.name for use in node.uses), layer.path])
    return streams.get(path, "forward", seed=getattr(layer, "seed", None))


def _inner_streams(streams: Streams, node: Node) -> Callable[[str], np.random.Generator]:
    inner = node.layer.family()
    return lambda path: _stream(streams, node, inner[path])


def _used_twice(graph: Graph) -> set[Layer]:
    """Layers, inner ones among them, that stand at several places."""
    seen: set[Layer] = set()
    used = [layer for node in graph.nodes for layer in node.layer.family().values()]
    return {layer for layer in used if layer in seen or seen.add(layer)}  # type: ignore[func-returns-value]


def _masked(graph: Graph) -> set[Tensor]:
    """The tensors that may have a mask."""
    masked: set[Tensor] = set()
    for node in graph.nodes:
        passes = node.layer.passes_masks and any(tensor in masked for tensor in node.plain)
        if passes or node.layer.makes_mask:
            masked.update(node.outputs)
    return masked


def _is_chain(graph: Graph) -> bool:
    """Whether each node takes the output of the one before, and nothing else."""
    links = [node.inputs == before.outputs for before, node in itertools.pairwise(graph.nodes)]
    if len(graph.inputs) != 1 or not graph.nodes:
        return False
    return graph.nodes[0].inputs == graph.inputs and graph.nodes[-1].outputs == graph.outputs and all(links)


def _learning_nodes(graph: Graph, weights: FlatWeights | None) -> set[Node | None]:
    """Nodes with weights that learn, or behind such nodes: where the backward pass has work to do."""
    learning: set[Node | None] = set()
    for node in graph.nodes:
        own = weights is not None and any(weight.learns and weight.trainable for weight in node.layer.weights)
        if own or any(tensor.node in learning for tensor in node.inputs if tensor.node is not None):
            learning.add(node)
    return learning
