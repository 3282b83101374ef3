"""Weight: one named array of a layer, with what is attached to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kexp.backend import Array
from kexp.core.constraint import Constraint
from kexp.core.regularizer import Regularizer
from kexp.errors import ShapeError

if TYPE_CHECKING:
    from kexp.core.layer import Layer


class Weight:
    """A layer's weight; the array itself is the layer's attribute of that name, often a view of a larger vector."""

    def __init__(
        self,
        layer: Layer,
        name: str,
        value: Array,
        *,
        learns: bool = True,
        regularizer: Regularizer | None = None,
        constraint: Constraint | None = None,
    ) -> None:
        self.layer = layer
        self.name = name
        self.learns = learns
        self.regularizer = regularizer
        self.constraint = constraint
        self.bind(value)

    @property
    def value(self) -> Array:
        """The array, on the model's device."""
        array: Array = self.layer.__dict__[self.name]
        return array

    def bind(self, array: Array) -> None:
        """Make `array` the weight's storage."""
        self.layer.__dict__[self.name] = array

    @property
    def trainable(self) -> bool:
        """Whether training changes it: it is made to learn, and its layer is not frozen."""
        return self.learns and self.layer.trainable

    @property
    def path(self) -> str:
        """Layer and weight name: 'dense_1/kernel', 'lstm_1/cell/kernel'."""
        return f"{self.layer.path}/{self.name}"

    @property
    def key(self) -> str:
        """The name under which a pullback of the outermost layer gives its gradient: 'kernel', 'cell/kernel'."""
        return f"{self.layer.place}/{self.name}".lstrip("/")

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape."""
        return tuple(self.value.shape)

    @property
    def dtype(self) -> Any:
        """The array's dtype."""
        return self.value.dtype

    def assign(self, values: Any) -> None:
        """Overwrite the values in place.

        Raises: ShapeError if the shape is another one.
        """
        values = np.asarray(values)
        if values.shape != self.shape:
            raise ShapeError(f"weight {self.path!r} has the shape {self.shape}. Received: {values.shape}")
        self.value[...] = self.layer.backend.asarray(values, dtype=self.dtype)

    def numpy(self) -> np.ndarray[Any, Any]:
        """A copy of the values on the host."""
        return np.array(self.layer.backend.to_host(self.value))

    def __repr__(self) -> str:
        return f"<Weight {self.path} shape={self.shape} dtype={self.dtype} trainable={self.trainable}>"
