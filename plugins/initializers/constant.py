"""constant: values that are given."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.initializer import Initializer
from kexp.errors import ArgumentError, ShapeError
from kexp.hookspecs import hookimpl


class Constant(Initializer):
    """All values `value`; or the values of an array, such as trained embeddings.

    Raises: ArgumentError if `value` holds something else than numbers; ShapeError if an array does not fit the
    weight's shape.
    """

    def __init__(self, value: float | list[Any] = 0.0) -> None:
        if value is None:
            raise ArgumentError("value must be a number or an array of numbers. Received: None")
        try:
            self.value = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ArgumentError(f"value must be a number or an array of numbers. Received: {value!r}") from error

    def sample(self, shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray[Any, Any]:
        if self.value.ndim and self.value.shape != shape:
            raise ShapeError(f"constant: the values have the shape {self.value.shape}, the weight {shape}")
        return np.full(shape, self.value)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"constant": Constant}
