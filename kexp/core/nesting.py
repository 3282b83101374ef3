"""Nesting: layers inside a layer, such as the cell of a recurrent layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from kexp.core.weight import Weight
from kexp.errors import ArgumentError

if TYPE_CHECKING:
    from kexp.core.layer import Layer

Inner = TypeVar("Inner", bound="Layer")


class Nesting:
    """What a layer needs to contain layers.

    `add_layer` in the constructor, `build_layer` in `build`; `forward` runs an inner layer with `ctx.child(name)` and
    puts its gradients under their paths, such as "cell/kernel", into its own (`prefixed`).
    """

    name: str
    _weights: dict[str, Weight]
    _layers: dict[str, Layer]
    _parent: Layer | None

    def add_layer(self, name: str, layer: Inner) -> Inner:
        """Make `layer` an inner layer, called `name` in paths; it is frozen if this one is. Returns it."""
        if not hasattr(layer, "_weights"):
            raise ArgumentError(f"{type(self).__name__}: {name} must be a layer. Received: {layer!r}")
        self._layers[name] = layer
        if layer._parent is None and layer is not self:
            layer._parent, layer._place = self, name  # type: ignore[assignment]
        if not self.trainable:  # type: ignore[attr-defined]
            layer.trainable = False
        return layer

    def build_layer(self, name: str, input_shape: Any) -> None:
        """Build the inner layer `name` with this layer's dtype, random streams and backend."""
        layer = self._layers[name]
        if not layer.built:
            layer.dtype = self.dtype  # type: ignore[attr-defined]
        layer.ensure_built(input_shape, *self._at_home())  # type: ignore[attr-defined]

    @property
    def layers(self) -> list[Layer]:
        """The inner layers, in the order in which they were added."""
        return list(self._layers.values())

    @property
    def path(self) -> str:
        """The names from the outermost layer to this one: 'lstm_1/cell'."""
        return self.name if self._parent is None else f"{self._parent.path}/{self._place}"

    @property
    def place(self) -> str:
        """The path without the outermost layer's name; '' for that layer itself."""
        return "" if self._parent is None else self.path.partition("/")[2]

    _place: str = ""

    def family(self) -> dict[str, Layer]:
        """This layer, under '', and all inside it, under their paths from here."""
        found: dict[str, Any] = {"": self}
        for name, layer in self._layers.items():
            found |= {f"{name}/{path}".rstrip("/"): inner for path, inner in layer.family().items()}
        return found

    def named_weights(self) -> dict[str, Weight]:
        """All weights by the names under which a pullback gives their gradients: 'kernel', 'cell/kernel'."""
        found = dict(self._weights)
        for name, layer in self._layers.items():
            found |= prefixed(name, layer.named_weights())
        return found

    @property
    def weights(self) -> list[Weight]:
        """All weights, in the order of creation; those of inner layers follow."""
        return list(self.named_weights().values())

    @property
    def trainable_weights(self) -> list[Weight]:
        """The weights that training changes."""
        return [weight for weight in self.weights if weight.trainable]

    @property
    def non_trainable_weights(self) -> list[Weight]:
        """The weights that training leaves alone."""
        return [weight for weight in self.weights if not weight.trainable]

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Copies of all weights."""
        return [weight.numpy() for weight in self.weights]


def prefixed(name: str, gradients: dict[str, Any]) -> dict[str, Any]:
    """An inner layer's gradients by their paths.

    >>> prefixed("cell", {"kernel": 1})
    {'cell/kernel': 1}
    """
    return {f"{name}/{key}": gradient for key, gradient in gradients.items()}
