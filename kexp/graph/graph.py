"""Symbolic tensors, nodes, and the directed acyclic graph that a model is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from kexp.backend import Backend, settings
from kexp.core.calling import PLAIN, How
from kexp.core.layer import Layer, Shape
from kexp.core.streams import Streams
from kexp.errors import ArgumentError, ShapeError
from kexp.graph.arithmetic import Arithmetic
from kexp.graph.casting import is_whole
from kexp.graph.order import ordered_entries, ordered_nodes


class Entry(Protocol):
    """What stands in a model under a name: a layer, or a model used as one."""

    name: str
    auto_named: bool

    @classmethod
    def auto_name(cls) -> str: ...

    def __call__(self, x: Any, /, **options: Any) -> Any: ...


class Use:
    """One use of a model as a layer: the model, and the tensors it was called with."""

    def __init__(self, model: Any, inputs: Sequence[Tensor]) -> None:
        self.model = model
        self.inputs = tuple(inputs)
        self.outputs: tuple[Tensor, ...] = ()


class Node:
    """One use of a layer: the tensors it takes and those it gives.

    `uses` names the models, outermost first, whose own graph the node was copied from; () for a node of its own.
    `how`: what else the call was given; the tensors it names stand behind the plain inputs.
    """

    def __init__(self, layer: Layer, inputs: Sequence[Tensor], uses: tuple[Use, ...] = (), how: How = PLAIN) -> None:
        self.layer = layer
        self.inputs = tuple(inputs)
        self.uses = uses
        self.how = how
        self.plain = self.inputs[: len(self.inputs) - len(how.names)]
        shapes = [tensor.shape for tensor in self.plain]
        shape = shapes if len(shapes) > 1 else shapes[0]
        try:
            layer.input_dtypes = [tensor.dtype for tensor in self.inputs]
            layer.drawn_alone = layer.drawn_alone or not layer.built
            layer.ensure_built(shape)
            further = [tensor.shape for tensor in self.inputs[len(self.plain) :]]
            result = layer.output_shape_in(shape, how, further)
        except ShapeError as error:
            raise with_hint(error, self.inputs) from None
        self.multiple = isinstance(result, list)
        dtype = self.plain[0].dtype if layer.keeps_dtype and is_whole(self.plain[0].dtype) else layer.dtype
        self.outputs = tuple(Tensor(s, dtype, self) for s in (result if self.multiple else [result]))
        layer.node = self

    @property
    def entry(self) -> Any:
        """The layer, or the outermost model that was used as a layer."""
        return self.uses[0].model if self.uses else self.layer


class Tensor(Arithmetic):
    """The symbolic value of the functional API: a shape (batch axis first), a dtype, and the node that gives it."""

    def __init__(self, shape: Shape, dtype: str, node: Node | None = None, name: str | None = None) -> None:
        self.shape = tuple(shape)
        self.dtype = dtype
        self.node = node
        self.name = name

    def apply_layer(self, layer: Layer, inputs: Sequence[Any], further: Sequence[Any] = (), how: How = PLAIN) -> Any:
        """Make a node of `layer` on `inputs`, and on `further` ones that `how` names; called by `layer(tensor)`."""
        wrong = next((x for x in [*inputs, *further] if not isinstance(x, Tensor)), None)
        if wrong is not None:
            kind = type(wrong).__name__
            raise ArgumentError(
                f"layer {layer.name!r} was called on symbolic tensors and arrays together. Received: {kind}"
            )
        node = Node(layer, [*inputs, *further], how=how)
        return list(node.outputs) if node.multiple else node.outputs[0]

    def __repr__(self) -> str:
        return f"<Tensor shape={self.shape} dtype={self.dtype}{f' name={self.name}' if self.name else ''}>"


def input_tensor(
    shape: Sequence[int | None] | int | None = None,
    batch_size: int | None = None,
    dtype: str | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
) -> Tensor:
    """A tensor that the model is fed with.

    `shape` is that of one sample, without the batch axis; `batch_shape` has the batch axis first.
    Raises: ArgumentError unless exactly one of the two is given.

    >>> input_tensor((28, 28), name="image")
    <Tensor shape=(None, 28, 28) dtype=float32 name=image>
    """
    if (shape is None) == (batch_shape is None):
        raise ArgumentError(
            f"Input needs either shape or batch_shape. Received: shape={shape!r}, batch_shape={batch_shape!r}"
        )
    if isinstance(shape, int):
        raise ArgumentError(f"shape must be a tuple of sizes, such as ({shape},). Received: {shape!r}")
    if batch_shape is not None and batch_size is not None:
        raise ArgumentError("batch_size is part of batch_shape; give one of the two")
    whole = tuple(batch_shape) if batch_shape is not None else (batch_size, *(shape or ()))
    wrong = [n for n in whole if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n <= 0)]
    if wrong or not whole:
        raise ArgumentError(f"the sizes of a shape must be positive ints or None. Received: {whole[1:]}")
    return Tensor(whole, "str" if dtype == "string" else dtype or settings.floatx(), None, name)


class Graph:
    """The nodes between `inputs` and `outputs`, each after those it depends on.

    Layers are listed once each, and so are `entries`, layers and models used as layers, in Keras' order; entries
    have names that differ. Inputs without a name get one, and outputs are called as the entries that give them.
    """

    def __init__(
        self,
        inputs: Sequence[Tensor],
        outputs: Sequence[Tensor],
        input_names: Sequence[str] | None = None,
        output_names: Sequence[str] | None = None,
    ) -> None:
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.nodes: list[Node] = ordered_nodes(self.inputs, self.outputs)
        self.entries: list[Any] = ordered_entries(self.nodes, self.outputs)
        name_layers(self.entries)
        self.layers: list[Layer] = _layers_of(self.entries, self.nodes)
        self.input_names = list(input_names) if input_names is not None else _names_of_inputs(self.inputs)
        self.output_names = list(output_names) if output_names is not None else self._names_of_outputs()

    @property
    def input_shapes(self) -> list[Shape]:
        """The shapes of the inputs, batch axis first."""
        return [tensor.shape for tensor in self.inputs]

    @property
    def output_shapes(self) -> list[Shape]:
        """The shapes of the outputs, batch axis first."""
        return [tensor.shape for tensor in self.outputs]

    def _names_of_outputs(self) -> list[str]:
        given = dict(zip(self.inputs, self.input_names, strict=True))
        return _numbered(
            [given[t] if t in given else t.node.entry.name if t.node else str(t.name) for t in self.outputs]
        )

    def put_into(self, inputs: Sequence[Tensor], model: Any) -> list[Tensor]:
        """The outputs of a copy of the graph, of the same layers, that takes `inputs`; `model` is whose graph it is."""
        use = Use(model, inputs)
        copies: dict[Tensor, Tensor] = dict(zip(self.inputs, inputs, strict=True))
        for node in self.nodes:
            last = node.layer.node
            copy = Node(node.layer, [copies[tensor] for tensor in node.inputs], (use, *node.uses), node.how)
            node.layer.node = last  # the layer keeps its place in its own model
            copies.update(zip(node.outputs, copy.outputs, strict=True))
        use.outputs = tuple(copies[tensor] for tensor in self.outputs)
        return list(use.outputs)


def chain(layers: Sequence[Entry], source: Tensor, streams: Streams, backend: Backend) -> Graph:
    """The graph of layers, or models, one after the other; builds those that are not built."""
    name_layers(layers)
    tensor = source
    for layer in layers:
        try:
            result = apply(layer, [tensor], streams, backend)
        except ShapeError:
            raise
        except Exception as error:
            error.add_note(f"while building layer {layer.name!r} ({type(layer).__name__}) for inputs {tensor.shape}")
            raise
        if not isinstance(result, Tensor):
            raise ShapeError(f"layer {layer.name!r} gives {len(result)} outputs; a Sequential model needs exactly one")
        tensor = result
    return Graph([source], [tensor])


def apply(
    entry: Entry,
    inputs: Sequence[Tensor],
    streams: Streams,
    backend: Backend,
    options: Mapping[str, Any] | None = None,
) -> Any:
    """What a layer, or a model, gives for `inputs`; start values are drawn from `streams`.

    `options`: further arguments of the call.
    """
    if isinstance(entry, Layer):
        shapes = [tensor.shape for tensor in inputs]
        try:
            entry.ensure_built(shapes if len(shapes) > 1 else shapes[0], streams, backend)
        except ShapeError as error:
            raise with_hint(error, inputs) from None
    return entry(list(inputs) if len(inputs) > 1 else inputs[0], **(options or {}))


def with_hint(error: ShapeError, inputs: Sequence[Tensor]) -> ShapeError:
    """The error, with what to do about it where the layer before shows it."""
    text = str(error)
    for tensor in inputs:
        before = None if tensor.node is None else tensor.node.layer
        if before is None:
            continue
        too_flat = (
            "Received: (" in text and getattr(before, "return_sequences", None) is False and len(tensor.shape) == 2
        )
        if too_flat:
            return ShapeError(
                f"{text}\nLayer {before.name!r} gives its last step alone: set return_sequences=True there."
            )
    return error


def name_layers(layers: Sequence[Any]) -> None:
    """Give automatic names a number for each model (dense_1, dense_2), and refuse a given name twice.

    Raises: ArgumentError if two layers were given the same name.
    """
    given = [layer.name for layer in layers if not layer.auto_named]
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        raise ArgumentError(f"two layers of the model are called {twice!r}; layer names must differ")
    open_names = [layer for layer in layers if layer.auto_named and layer.name == type(layer).auto_name()]
    taken, counts = {layer.name for layer in layers if layer not in open_names}, dict[str, int]()
    for layer in open_names:
        base = type(layer).auto_name()
        while True:
            counts[base] = counts.get(base, 0) + 1
            if f"{base}_{counts[base]}" not in taken:
                break
        layer.name = f"{base}_{counts[base]}"
        taken.add(layer.name)


def _layers_of(entries: Sequence[Any], nodes: Sequence[Node]) -> list[Layer]:
    """The layers of all nodes, in the order in which their entries stand."""
    used = {node.layer for node in nodes}
    layers: list[Layer] = []
    for entry in entries:
        layers += [entry] if isinstance(entry, Layer) else entry.graph.layers
    return list(dict.fromkeys(layer for layer in layers if layer in used))


def _names_of_inputs(inputs: Sequence[Tensor]) -> list[str]:
    names = [tensor.name for tensor in inputs]
    twice = next((name for name in names if name is not None and names.count(name) > 1), None)
    if twice is not None:
        raise ArgumentError(f"two inputs of the model are called {twice!r}; input names must differ")
    count, found = 0, list[str]()
    for name in names:
        while name is None or (name in found and name not in names):
            count += 1
            name = None if f"input_{count}" in names else f"input_{count}"
        found.append(name)
    return found


def _numbered(names: Sequence[str]) -> list[str]:
    """The names, the second and later of equal ones with a number."""
    found: list[str] = []
    for name in names:
        number, free = 1, name
        while free in found:
            free, number = f"{name}_{number}", number + 1
        found.append(free)
    return found
