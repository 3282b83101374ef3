"""Flat weights: all weights that learn in one vector, their gradients in another of the same layout."""

from __future__ import annotations

from collections.abc import Sequence

from kexp.backend import Array, Backend
from kexp.core.layer import Layer
from kexp.core.weight import Weight
from kexp.errors import ArgumentError


class FlatWeights:
    """The vectors w and g of a model; each weight that learns becomes a view of w, with a view of g beside it.

    Frozen weights keep their place in the vectors, so freezing and releasing moves nothing.
    """

    def __init__(self, layers: Sequence[Layer], backend: Backend) -> None:
        found = [weight for layer in layers for weight in layer.weights if weight.learns]
        self.weights = list(dict.fromkeys(found))  # an inner layer may stand in several layers
        dtypes = {str(weight.dtype) for weight in self.weights}
        if len(dtypes) > 1:
            raise ArgumentError(f"all weights that learn must have one dtype. Received: {', '.join(sorted(dtypes))}")
        size = sum(weight.value.size for weight in self.weights)
        dtype = self.weights[0].dtype if self.weights else layers[0].dtype if layers else "float32"
        self.w: Array = backend.xp.empty(size, dtype=dtype)
        self.g: Array = backend.xp.zeros(size, dtype=dtype)
        self.gradients: dict[Weight, Array] = {}
        self.parts: dict[Weight, slice] = {}
        self._views: dict[Weight, Array] = {}
        start = 0
        for weight in self.weights:
            part = slice(start, start + weight.value.size)
            view = self.w[part].reshape(weight.shape)
            view[...] = backend.asarray(weight.value)
            weight.bind(view)
            self._views[weight] = view
            self.gradients[weight] = self.g[part].reshape(weight.shape)
            self.parts[weight] = part
            start = part.stop

    def claim(self) -> None:
        """Take back the weights that another model with the same layers has bound to its vector since."""
        for weight, view in self._views.items():
            if weight.value is not view:
                view[...] = weight.value
                weight.bind(view)

    def learning(self) -> list[Weight]:
        """The weights that are not frozen now."""
        return [weight for weight in self.weights if weight.trainable]

    def add_penalties(self) -> float:
        """Add the regularizers' gradients to g; returns the sum of their penalties."""
        total = 0.0
        for weight in self.weights:
            if weight.regularizer is not None and weight.trainable:
                self.gradients[weight] += weight.regularizer.gradient(weight.value)
                total += float(weight.regularizer(weight.value))
        return total

    def penalties(self) -> float:
        """The sum of the regularizers' penalties."""
        learning = [weight for weight in self.weights if weight.regularizer is not None and weight.trainable]
        return sum(float(weight.regularizer(weight.value)) for weight in learning if weight.regularizer is not None)

    def constrain(self) -> None:
        """Apply the constraints to the weights that learn."""
        for weight in self.weights:
            if weight.constraint is not None and weight.trainable:
                weight.value[...] = weight.constraint.project(weight.value)
