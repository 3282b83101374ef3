"""Symbolic tensors, nodes, and the directed acyclic graph that a model is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kexp.backend import Backend, settings
from kexp.core.layer import Layer, Shape
from kexp.core.streams import Streams
from kexp.errors import ArgumentError, ShapeError


class Node:
    """One use of a layer: the tensors it takes and those it gives."""

    def __init__(self, layer: Layer, inputs: Sequence[Tensor]) -> None:
        self.layer = layer
        self.inputs = tuple(inputs)
        shapes = [tensor.shape for tensor in self.inputs]
        shape = shapes if len(shapes) > 1 else shapes[0]
        layer.ensure_built(shape)
        result = layer.compute_output_shape(shape)
        self.multiple = isinstance(result, list)
        self.outputs = tuple(Tensor(s, settings.floatx(), self) for s in (result if self.multiple else [result]))


class Tensor:
    """The symbolic value of the functional API: a shape (batch axis None), a dtype, and the node that gives it."""

    def __init__(self, shape: Shape, dtype: str, node: Node | None = None, name: str | None = None) -> None:
        self.shape = tuple(shape)
        self.dtype = dtype
        self.node = node
        self.name = name

    def apply_layer(self, layer: Layer, inputs: Sequence[Any]) -> Any:
        """Make a node of `layer` on `inputs`; called by `layer(tensor)`."""
        wrong = next((x for x in inputs if not isinstance(x, Tensor)), None)
        if wrong is not None:
            raise ArgumentError(
                f"layer {layer.name!r} was called on symbolic tensors and arrays together. Received: {type(wrong).__name__}"
            )
        node = Node(layer, inputs)
        return list(node.outputs) if node.multiple else node.outputs[0]

    def __repr__(self) -> str:
        return f"<Tensor shape={self.shape} dtype={self.dtype}{f' name={self.name}' if self.name else ''}>"


def input_tensor(shape: Sequence[int | None], dtype: str | None = None, name: str | None = None) -> Tensor:
    """A tensor that the model is fed with; `shape` is that of one sample, without the batch axis."""
    return Tensor((None, *shape), dtype or settings.floatx(), None, name)


class Graph:
    """The nodes between `inputs` and `outputs`, each after those it depends on.

    Layers are listed once each, in the order of their first use, and have names that differ.
    """

    def __init__(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.nodes = _ordered(self.inputs, self.outputs)
        self.layers = list(dict.fromkeys(node.layer for node in self.nodes))
        name_layers(self.layers)

    @property
    def input_shapes(self) -> list[Shape]:
        """The shapes of the inputs, batch axis first."""
        return [tensor.shape for tensor in self.inputs]

    @property
    def output_shapes(self) -> list[Shape]:
        """The shapes of the outputs, batch axis first."""
        return [tensor.shape for tensor in self.outputs]


def chain(layers: Sequence[Layer], source: Tensor, streams: Streams, backend: Backend) -> Graph:
    """The graph of layers one after the other; builds those that are not built."""
    name_layers(layers)
    tensor = source
    for layer in layers:
        try:
            layer.ensure_built(tensor.shape, streams, backend)
            result = layer(tensor)
        except ShapeError:
            raise
        except Exception as error:
            error.add_note(f"while building layer {layer.name!r} ({type(layer).__name__}) for inputs {tensor.shape}")
            raise
        if not isinstance(result, Tensor):
            raise ShapeError(f"layer {layer.name!r} gives {len(result)} outputs; a Sequential model needs exactly one")
        tensor = result
    return Graph([source], [tensor])


def name_layers(layers: Sequence[Layer]) -> None:
    """Give automatic names a number for each model (dense_1, dense_2), and refuse a given name twice.

    Raises: ArgumentError if two layers were given the same name.
    """
    given = [layer.name for layer in layers if not layer.auto_named]
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        raise ArgumentError(f"two layers of the model are called {twice!r}; layer names must differ")
    taken, counts = set(given), dict[str, int]()
    for layer in layers:
        if not layer.auto_named or layer.built:
            taken.add(layer.name)
            continue
        base = type(layer).auto_name()
        while True:
            counts[base] = counts.get(base, 0) + 1
            if f"{base}_{counts[base]}" not in taken:
                break
        layer.name = f"{base}_{counts[base]}"
        taken.add(layer.name)


def _ordered(inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> list[Node]:
    order: list[Node] = []
    state: dict[Node, int] = {}  # 1 while its inputs are visited, 2 when done
    given = set(inputs)
    stack = [tensor.node for tensor in reversed(outputs) if tensor.node is not None and tensor not in given]
    while stack:
        node = stack[-1]
        if state.get(node) == 2:
            stack.pop()
            continue
        waiting = []
        for tensor in node.inputs:
            if tensor in given or (tensor.node is not None and state.get(tensor.node) == 2):
                continue
            if tensor.node is None:
                raise ArgumentError(
                    f"the model's outputs depend on an input that is not among its inputs: {tensor}, "
                    f"which layer {node.layer.name!r} takes"
                )
            waiting.append(tensor.node)
        if waiting:
            state[node] = 1
            stack.extend(waiting)
        else:
            state[node] = 2
            order.append(node)
            stack.pop()
    return order
