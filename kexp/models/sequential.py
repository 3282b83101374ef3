"""Sequential: layers one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kexp.backend import Backend, settings
from kexp.core.layer import Layer, Shape
from kexp.data import as_array, is_source
from kexp.errors import ArgumentError, StateError
from kexp.graph import Tensor, chain
from kexp.models.model import Model


class Sequential(Model):
    """A stack of layers, each fed with the output of the one before.

    The input's shape comes from the first layer (`input_shape`, `input_dim`), from an `Input`, from `build`, or from
    the first data.
    """

    def __init__(
        self,
        layers: Sequence[Layer | Tensor] | None = None,
        trainable: bool = True,
        name: str | None = None,
        *,
        seed: int | None = None,
        backend: str | Backend | None = None,
    ) -> None:
        super().__init__(name=name, seed=seed, backend=backend)
        self._stack: list[Layer] = []
        self._source: Tensor | None = None
        for layer in layers or ():
            self._append(layer)
        self._rebuild()
        if not trainable:
            self.trainable = False

    def add(self, layer: Layer | Tensor) -> None:
        """Put a layer on top."""
        self._append(layer)
        self._rebuild()

    def pop(self) -> Layer:
        """Take the last layer off."""
        if not self._stack:
            raise StateError(f"model {self.name!r} has no layers")
        layer = self._stack.pop()
        self._graph = None
        self._rebuild()
        return layer

    def build(self, input_shape: Shape) -> None:
        """Make the weights, for inputs of this shape, batch axis included."""
        if not self._stack:
            raise StateError(f"model {self.name!r} has no layers; add some before it is built")
        self._source = Tensor(tuple(input_shape), settings.floatx())
        self._rebuild()

    @property
    def layers(self) -> list[Layer]:
        """The layers, from first to last."""
        return list(self._stack)

    @property
    def trainable(self) -> bool:
        """Whether any layer learns; setting it sets all layers."""
        return any(layer.trainable for layer in self._stack)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self._stack:
            layer.trainable = value

    def _append(self, layer: Any) -> None:
        if isinstance(layer, Tensor):
            if self._stack:
                raise ArgumentError("an Input must come before the layers of a Sequential model")
            self._source = layer
            return
        if not isinstance(layer, Layer):
            hint = " Have you forgotten the ()?" if isinstance(layer, type) else ""
            raise ArgumentError(f"only layers can be added to a Sequential model. Received: {layer!r}.{hint}")
        if layer in self._stack:
            raise ArgumentError(f"layer {layer.name!r} is in the model already; each place needs a layer of its own")
        if not self._stack and self._source is None and layer.declared_shape is not None:
            self._source = Tensor(layer.declared_shape, input_dtype(layer))
        self._stack.append(layer)

    def _rebuild(self) -> None:
        if self._source is not None and self._stack:
            self._set_graph(chain(self._stack, self._source, self.streams, self.backend))

    def ensure_built(self, x: Any) -> None:
        if self._graph is None and self._stack and x is not None:
            shape = x.take(slice(0, 1)).shape if is_source(x) else as_array(x, "x").shape
            self._source = Tensor((None, *shape[1:]), input_dtype(self._stack[0]))
            self._rebuild()
        if not self._stack:
            raise StateError(f"model {self.name!r} has no layers")


def input_dtype(layer: Layer) -> str:
    """The dtype a first layer wants its input in: its own, unless it declares another (`input_dtype`)."""
    declared: str = getattr(layer, "input_dtype", None) or layer.dtype
    return declared
