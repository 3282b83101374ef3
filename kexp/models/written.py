"""Written: models whose author writes `call`, over layers that are attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kexp.backend import Array, settings
from kexp.core.calling import PLAIN, running_within
from kexp.core.composite import found_layers
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.errors import ArgumentError, StateError
from kexp.graph import Graph, Tensor, name_layers


class Body(Layer):
    """The layer that runs the `call` of a model, and holds the layers that are the model's attributes."""

    def __init__(self, model: Any) -> None:
        super().__init__(name=model.name)
        self.model = model
        self.held: dict[str, Any] = {}
        self.keys: list[str] | None = None
        self.pack: Any = None

    def hold(self, name: str, value: Any) -> None:
        """Take the layers and models among the values of an attribute as inner layers."""
        known = {id(layer) for layer in self._layers.values()}
        for key, found in found_layers(name, value):
            self.held[key] = found
            for inner_key, layer in _layers_of(key, found):
                if id(layer) not in known:
                    self.add_layer(inner_key, layer)

    def call(self, *inputs: Array, ctx: Context) -> Any:  # type: ignore[override]
        given: Any = inputs[0] if self.pack is None else self.pack(inputs)
        accepted = self.model.call_arguments()
        y = self.model.call(given, **({"training": ctx.training} if "training" in accepted else {}))
        if isinstance(y, Mapping):
            self.keys = [str(key) for key in y]
            y = list(y.values())
        return list(y) if isinstance(y, list | tuple) else y


class Written:
    """What a model needs that is a class with a `call` of its own.

    >>> from kexp.layers import Dense
    >>> from kexp.models import Model
    >>> class Net(Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden, self.last = Dense(3, activation="relu"), Dense(1)
    ...     def call(self, x, training=False):
    ...         return self.last(self.hidden(x))
    >>> net = Net()
    >>> net.build((None, 2))
    >>> net.count_params()
    13
    """

    name: str
    _body: Body | None = None

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The outputs for a batch; a model that is no graph of layers overrides it."""
        return self(inputs, training=training)  # type: ignore[operator]

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if self._body is not None and name != "_body":
            self._body.hold(name, value)

    @classmethod
    def call_arguments(cls) -> frozenset[str]:
        """The names of the arguments that `call` takes."""
        code = cls.call.__code__
        return frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])

    def _begin_body(self) -> None:
        if type(self).call is not Written.call:
            self._body = Body(self)

    def build(self, input_shape: Any) -> None:
        """Make the weights, for inputs of this shape, batch axis included; a list or dict of shapes for several."""
        if self._body is None:
            return
        dtype = settings.floatx()
        if isinstance(input_shape, Mapping):
            self._trace({name: Tensor(tuple(shape), dtype, None, name) for name, shape in input_shape.items()})
        elif isinstance(input_shape, list) and input_shape and isinstance(input_shape[0], list | tuple):
            self._trace([Tensor(tuple(shape), dtype) for shape in input_shape])
        else:
            self._trace(Tensor(tuple(input_shape), dtype))

    def _build_for_data(self, x: Any) -> None:
        """Build for arrays like x: numbers with a point enter as floatx, whole ones as they are."""
        if self._body is None or self._graph is not None:  # type: ignore[attr-defined]
            return
        if isinstance(x, Mapping):
            self._trace({name: _tensor_like(value, name) for name, value in x.items()})
        elif isinstance(x, list | tuple) and x and all(hasattr(value, "shape") and value.ndim for value in x):
            self._trace([_tensor_like(value) for value in x])
        else:
            self._trace(_tensor_like(x))

    def _trace(self, given: Any) -> None:
        """Run `call` once, on zeros of the inputs' shapes, and make the graph of it."""
        body = self._body
        assert body is not None
        if not body._layers:
            raise StateError(
                f"model {self.name!r} has no layers: make them attributes in the constructor, after super().__init__()"
            )
        body._home = (self.streams, self.backend)  # type: ignore[attr-defined]
        body.pack = _packing(given)
        flat = list(given.values()) if isinstance(given, Mapping) else given if isinstance(given, list) else [given]
        name_layers(list(body.held.values()))
        outputs = body(flat if len(flat) > 1 else flat[0])
        body.drawn_alone = False
        self._output_keys = body.keys
        names = list(given) if isinstance(given, Mapping) else None
        listed = outputs if isinstance(outputs, list) else [outputs]
        self._set_graph(Graph(flat, listed, names, body.keys))  # type: ignore[attr-defined]


def run_within(model: Any, x: Any) -> Any:
    """What `model` gives for x within the `call` of another model, layer by layer."""
    running = running_within()
    given = list(x.values()) if isinstance(x, Mapping) else list(x) if isinstance(x, list | tuple) else [x]
    if model._body is not None:
        model._body.pack = _packing(x)
        y = running.run(model._body, given, PLAIN)
        return dict(zip(model._body.keys, y, strict=True)) if model._body.keys else y
    if not model.built:
        (y,) = given
        for layer in model.layers:  # which are built in this model, so that its seed decides their start values
            y = layer(y)
        model.build((None, *np.shape(given[0])[1:]))
        return y
    graph = model.graph
    values: dict[Any, Any] = dict(zip(graph.inputs, given, strict=True))
    for node in graph.nodes:
        if node.how.names:
            raise ArgumentError(
                f"model {model.name!r} gives layer {node.layer.name!r} a tensor by name, and cannot be used in the "
                "call of another model; call it on symbolic tensors instead"
            )
        y = running.run(node.layer, [values[tensor] for tensor in node.inputs], node.how)
        values.update(zip(node.outputs, y if node.multiple else [y], strict=True))
    return model._packed([values[tensor] for tensor in graph.outputs])


def _layers_of(key: str, found: Any) -> list[tuple[str, Layer]]:
    if isinstance(found, Layer):
        return [(key, found)]
    if found._body is not None:
        return [(key, found._body)]
    layers: Sequence[Any] = found.graph.layers if found.built else found.layers
    return [pair for i, layer in enumerate(layers) for pair in _layers_of(f"{key}_{i}", layer)]


def _packing(given: Any) -> Any:
    """From a flat sequence of inputs to the form in which they were given; None for one alone."""
    if isinstance(given, Mapping):
        keys = list(given)
        return lambda inputs: dict(zip(keys, inputs, strict=True))
    return list if isinstance(given, list | tuple) else None


def _tensor_like(values: Any, name: str | None = None) -> Tensor:
    array = values if hasattr(values, "dtype") and hasattr(values, "shape") else np.asarray(_first(values))
    dtype = str(array.dtype) if array.dtype.kind in "iub" else settings.floatx()
    return Tensor((None, *array.shape[1:]), dtype, None, name)


def _first(values: Any) -> Any:
    """The first samples of a source of data, or the values themselves."""
    return values.take(slice(0, 1)) if hasattr(values, "take") else values
