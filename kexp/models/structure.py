"""Structure: what a model is made of, before any training: its graph, layers and weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kexp.backend import Backend, settings
from kexp.core.component import resolve
from kexp.core.layer import Layer, assign_all
from kexp.core.streams import Streams, next_root_seed
from kexp.core.weight import Weight
from kexp.errors import StateError, UnknownNameError
from kexp.graph import FlatWeights, Graph, Node, Tensor
from kexp.models.summary import print_summary, summary_text


class Structure:
    """A graph of layers with a name, random streams of its own, and a backend that the weights live on."""

    def __init__(self, name: str | None, seed: int | None, backend: str | Backend | None) -> None:
        self.name = name or type(self).__name__.lower()
        self.streams = Streams(next_root_seed() if seed is None else seed)
        self.backend: Backend = (
            backend if isinstance(backend, Backend) else resolve("backend", backend or settings.backend())
        )
        self._graph: Graph | None = None
        self._flat: FlatWeights | None = None

    def _set_graph(self, graph: Graph) -> None:
        self._graph = graph
        self._flat = FlatWeights(graph.layers, self.backend)

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
    def layers(self) -> list[Layer]:
        """The layers, each once, in the order of their use."""
        return list(self.graph.layers)

    @property
    def inputs(self) -> list[Tensor]:
        """The symbolic inputs."""
        return list(self.graph.inputs)

    @property
    def outputs(self) -> list[Tensor]:
        """The symbolic outputs."""
        return list(self.graph.outputs)

    @property
    def input_shape(self) -> Any:
        """The input's shape with the batch axis, or a list of them."""
        return one_or_all(self.graph.input_shapes)

    @property
    def output_shape(self) -> Any:
        """The output's shape with the batch axis, or a list of them."""
        return one_or_all(self.graph.output_shapes)

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs: those of the layers that give them."""
        return [tensor.node.layer.name if tensor.node else str(tensor.name) for tensor in self.graph.outputs]

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of that name, or at that index."""
        if index is not None:
            return self.layers[index]
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            raise UnknownNameError("layer", name, [layer.name for layer in self.layers], f"model {self.name!r}")
        return found

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Print the layers with output shapes and numbers of weights."""
        first_node: dict[Layer, Node] = {}
        for node in self.graph.nodes:
            first_node.setdefault(node.layer, node)
        shapes = [one_or_all([tensor.shape for tensor in first_node[layer].outputs]) for layer in self.layers]
        print_summary(summary_text(self.name, self.layers, shapes, show_trainable=show_trainable), print_fn)

    # --- weights --------------------------------------------------------------------------------------------

    @property
    def weights(self) -> list[Weight]:
        """All weights, layer by layer."""
        return [weight for layer in self.layers for weight in layer.weights]

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
        return sum(layer.count_params() for layer in self.layers)

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Copies of all weights, in the order of `weights`."""
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Overwrite all weights, in the order of `get_weights`."""
        assign_all(self.weights, weights, f"model {self.name!r}")


def one_or_all(values: list[Any]) -> Any:
    """The only value, or the list of them."""
    return values[0] if len(values) == 1 else values
