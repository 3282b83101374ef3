"""Structure: what a model is made of, before any training: its graph, layers and weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from kexp.backend import Backend, settings
from kexp.core.component import resolve
from kexp.core.layer import assign_all
from kexp.core.streams import Streams, next_root_seed
from kexp.core.weight import Weight
from kexp.data import as_list
from kexp.errors import ArgumentError, ShapeError, StateError, UnknownNameError
from kexp.graph import FlatWeights, Graph, Tensor
from kexp.models.form import describe
from kexp.models.inside import ModelLayer
from kexp.models.summary import print_summary, summary_text
from kexp.models.written import Written


class Structure(Written):
    """A graph of layers with a name, random streams of its own, and a backend that the weights live on."""

    form: ClassVar[str] = "functional"
    _read: ClassVar[Callable[..., Any]]

    def __init__(self, name: str | None, seed: int | None, backend: str | Backend | None) -> None:
        self.auto_named = name is None
        self.name = name or self.auto_name()
        self.streams = Streams(next_root_seed() if seed is None else seed)
        self.backend: Backend = (
            backend if isinstance(backend, Backend) else resolve("backend", backend or settings.backend())
        )
        self._graph: Graph | None = None
        self._flat: FlatWeights | None = None
        self._output_keys: list[str] | None = None
        self._begin_body()

    def _set_graph(self, graph: Graph) -> None:
        self._graph = graph
        self._flat = FlatWeights(graph.layers, self.backend)

    def __getstate__(self) -> dict[str, Any]:
        """What copies and pickles hold: all but the engines, which are made again when they are needed."""
        return self.__dict__ | {"_trainer": None, "_predictor": None}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        if self._graph is not None:  # arrays come back as copies, no longer views of one vector
            self._flat = FlatWeights(self._graph.layers, self.backend)

    @property
    def graph(self) -> Graph:
        """The graph of layers.

        Raises: StateError if the input shape is not known yet.
        """
        if self._graph is None:
            raise StateError(
                f"model {self.name!r} is not built: its input shape is not known. Give the first layer an "
                "input_shape, call build((None, ...)), or fit it on data."
            )
        return self._graph

    @property
    def built(self) -> bool:
        """Whether the weights exist."""
        return self._graph is not None

    @property
    def layers(self) -> list[Any]:
        """The layers, and models used as layers, each once, in Keras' order."""
        return list(self.graph.entries if self._body is None else self._body.held.values())

    @property
    def inputs(self) -> list[Tensor]:
        """The symbolic inputs."""
        return list(self.graph.inputs)

    @property
    def outputs(self) -> list[Tensor]:
        """The symbolic outputs."""
        return list(self.graph.outputs)

    @property
    def input(self) -> Any:
        """The symbolic input, or the list of them."""
        return one_or_all(self.inputs)

    @property
    def output(self) -> Any:
        """The symbolic output, or the list or dict of them."""
        return self._packed(self.outputs)

    @property
    def input_shape(self) -> Any:
        """The input's shape with the batch axis, or a list of them."""
        return one_or_all(self.graph.input_shapes)

    @property
    def output_shape(self) -> Any:
        """The output's shape with the batch axis, or a list or dict of them."""
        return self._packed(self.graph.output_shapes)

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs, by which a dict feeds them."""
        return list(self.graph.input_names)

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs: those of the layers that give them, or the keys of the dict of outputs."""
        return list(self.graph.output_names)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """The layer of that name, or at that index."""
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ArgumentError(f"model {self.name!r} has {len(layers)} layers. Received: index={index}")
            return layers[index]
        found = next((layer for layer in layers if layer.name == name), None)
        if found is None:
            raise UnknownNameError("layer", name, [layer.name for layer in layers], f"model {self.name!r}")
        return found

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
        show_flops: bool = False,
    ) -> None:
        """Print the layers with output shapes and numbers of weights.

        `layer_range`: names of the first and the last layer to show. `show_flops`: multiplications and additions for
        one sample, as far as the layers can count them.
        """
        text = summary_text(
            self, expand_nested=expand_nested, trainable=show_trainable, flops=show_flops, layer_range=layer_range
        )
        print_summary(text, print_fn)

    def get_config(self) -> dict[str, Any]:
        """The model as plain values, in the form that configs have; `from_config` makes it again, with new weights."""
        return describe(self)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """The model that `get_config`, ours or Keras', described.

        Raises: ArgumentError if it described a model of another class.
        """
        made = cls._read(config, custom_objects)
        if not isinstance(made, cls):
            raise ArgumentError(f"the config is that of a {type(made).__name__}, not of a {cls.__name__}")
        return made

    def to_json(self, **kwargs: Any) -> str:
        """`get_config` as JSON text, which `model_from_json` reads; the arguments are those of `json.dumps`."""
        return json.dumps(self.get_config(), **kwargs)

    # --- use as a layer -------------------------------------------------------------------------------------

    def as_layer(self) -> ModelLayer:
        """This model in the place of a layer, within another layer such as TimeDistributed."""
        return ModelLayer(self)

    @classmethod
    def auto_name(cls) -> str:
        """The name of a model that is given none."""
        return cls.__name__.lower()

    def _build_for(self, inputs: Sequence[Tensor]) -> None:
        """Build for these inputs, if the shapes were not known."""
        if self._body is not None and self._graph is None:
            fresh = [Tensor(tensor.shape, tensor.dtype) for tensor in inputs]
            self._trace(fresh if len(fresh) > 1 else fresh[0])
        _ = self.graph

    def _apply(self, x: Any) -> Any:
        """The symbolic outputs for symbolic inputs: a copy of the graph, with the same layers and weights."""
        given = list(x.values()) if isinstance(x, Mapping) else list(x) if isinstance(x, list | tuple) else [x]
        wrong = next((tensor for tensor in given if not isinstance(tensor, Tensor)), None)
        if wrong is not None:
            raise ArgumentError(
                f"model {self.name!r} was called on symbolic tensors and arrays together. "
                f"Received: {type(wrong).__name__}"
            )
        self._build_for(given)
        inputs = as_list(x, self.input_names)
        for tensor, want in zip(inputs, self.graph.input_shapes, strict=True):
            pairs = zip(tensor.shape[1:], want[1:], strict=False)
            if len(tensor.shape) != len(want) or any(None not in pair and pair[0] != pair[1] for pair in pairs):
                raise ShapeError(f"model {self.name!r} takes inputs of shape {want}. Received: {tensor.shape}")
        return self._packed(self.graph.put_into(inputs, self))

    def _packed(self, values: list[Any]) -> Any:
        if self._output_keys is not None:
            return dict(zip(self._output_keys, values, strict=True))
        return one_or_all(values)

    # --- weights --------------------------------------------------------------------------------------------

    @property
    def weights(self) -> list[Weight]:
        """All weights, layer by layer."""
        return list(dict.fromkeys(weight for layer in self.layers for weight in layer.weights))

    @property
    def trainable_weights(self) -> list[Weight]:
        """The weights that training changes."""
        return [weight for weight in self.weights if weight.trainable]

    @property
    def non_trainable_weights(self) -> list[Weight]:
        """The weights that training leaves alone."""
        return [weight for weight in self.weights if not weight.trainable]

    @property
    def trainable(self) -> bool:
        """Whether any layer learns; setting it sets all layers."""
        return any(layer.trainable for layer in self.layers)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self.layers:
            layer.trainable = value

    def count_params(self) -> int:
        """The number of weights, as single numbers."""
        _ = self.graph
        return sum(weight.value.size for weight in self.weights)

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Copies of all weights, in the order of `weights`."""
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Overwrite all weights, in the order of `get_weights`."""
        assign_all(self.weights, weights, f"model {self.name!r}")


def has_tensor(x: Any) -> bool:
    """Whether x is a symbolic tensor, or a list or dict with one."""
    values = x.values() if isinstance(x, Mapping) else x if isinstance(x, list | tuple) else [x]
    return any(isinstance(value, Tensor) for value in values)


def one_or_all(values: list[Any]) -> Any:
    """The only value, or the list of them."""
    return values[0] if len(values) == 1 else values
