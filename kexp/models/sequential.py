"""Sequential: layers one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kexp.backend import Backend, settings
from kexp.core.layer import Layer, Shape
from kexp.data import as_array, as_texts, is_source, is_text
from kexp.errors import ArgumentError, ShapeError, StateError
from kexp.graph import Tensor, chain, name_layers
from kexp.models.model import Model


class Sequential(Model):
    """A stack of layers, each fed with the output of the one before.

    The input's shape comes from the first layer (`input_shape`, `input_dim`), from an `Input`, from `build`, or from
    the first data.
    """

    form = "sequential"

    def __init__(
        self,
        layers: Sequence[Layer | Model | Tensor] | None = None,
        trainable: bool = True,
        name: str | None = None,
        *,
        seed: int | None = None,
        backend: str | Backend | None = None,
    ) -> None:
        super().__init__(name=name, seed=seed, backend=backend)
        self._stack: list[Any] = []
        self._source: Tensor | None = None
        for layer in layers or ():
            self._append(layer)
        self._rebuild()
        if not trainable:
            self.trainable = False

    def add(self, layer: Layer | Model | Tensor) -> None:
        """Put a layer on top; one that does not fit is refused, and the model stays as it was."""
        stack, source = list(self._stack), self._source
        try:
            self._append(layer)
            self._rebuild()
        except ValueError:
            self._stack, self._source = stack, source
            raise

    def pop(self) -> Any:
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
    def layers(self) -> list[Any]:
        """The layers, and models used as layers, from first to last."""
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
            if self._source is not None:
                raise ArgumentError(f"model {self.name!r} has its Input already: {self._source!r}")
            self._source = layer
            return
        if not isinstance(layer, Layer | Model):
            hint = " Have you forgotten the ()?" if isinstance(layer, type) else ""
            raise ArgumentError(f"only layers can be added to a Sequential model. Received: {layer!r}.{hint}")
        if layer in self._stack:
            raise ArgumentError(f"layer {layer.name!r} is in the model already; each place needs a layer of its own")
        if not self._stack and self._source is None:
            self._source = _own_input(layer)
        self._stack.append(layer)

    def _rebuild(self) -> None:
        if self._source is None or not self._stack:
            name_layers(self._stack)
            return
        try:
            self._set_graph(chain(self._stack, self._source, self.streams, self.backend))
        except ShapeError:
            other = self._without_batch_axis()
            if other is None:
                raise
            self._source = other
            self._set_graph(chain(self._stack, other, self.streams, self.backend))

    def _without_batch_axis(self) -> Tensor | None:
        """The input if a leading None, which was taken for an axis of the samples, stands for the batch axis."""
        first, source = self._stack[0], self._source
        if source is None or not getattr(first, "leading_none", False):
            return None
        if len(source.shape) != len(first.declared_shape):
            return None
        return Tensor(source.shape[1:], source.dtype)

    def _build_for(self, inputs: Sequence[Tensor]) -> None:
        if self._graph is None and self._stack and len(inputs) == 1:
            self._source = Tensor(inputs[0].shape, inputs[0].dtype)
            self._rebuild()
        super()._build_for(inputs)

    def ensure_built(self, x: Any) -> None:
        if not self._stack:
            raise StateError(f"model {self.name!r} has no layers")
        if x is None or (self._graph is not None and not getattr(self._stack[0], "leading_none", False)):
            return
        values = next(iter(x.values())) if isinstance(x, Mapping) and len(x) == 1 else x
        taken = as_texts if is_text(input_dtype(self._stack[0])) else as_array
        shape = values.take(slice(0, 1)).shape if is_source(values) else taken(values, "x").shape
        if self._graph is None:
            self._source = Tensor((None, *shape[1:]), input_dtype(self._stack[0]))
            self._rebuild()
        elif len(shape) == len(self._stack[0].declared_shape) - 1 and (other := self._without_batch_axis()) is not None:
            self._source = other
            self._rebuild()


def _own_input(layer: Layer | Model) -> Tensor | None:
    """The input that a first layer states, or that a first model has."""
    if isinstance(layer, Model):
        if not layer.built:
            return None
        if len(layer.inputs) > 1:
            count = len(layer.inputs)
            raise ArgumentError(f"model {layer.name!r} has {count} inputs; in a Sequential it needs exactly one")
        return Tensor(layer.inputs[0].shape, layer.inputs[0].dtype)
    return None if layer.declared_shape is None else Tensor(layer.declared_shape, input_dtype(layer))


def input_dtype(layer: Layer | Model) -> str:
    """The dtype a first layer wants its input in: its own, unless it declares another (`input_dtype`)."""
    if isinstance(layer, Model):
        return layer.inputs[0].dtype if layer.built else input_dtype(layer.layers[0])
    declared: str = getattr(layer, "input_dtype", None) or layer.dtype
    return declared
