"""Operation: arithmetic and indexing of symbolic tensors, as a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from kexp.backend import Array
from kexp.core.component import one_of
from kexp.core.layer import Layer
from kexp.errors import ArgumentError, ShapeError

ARITHMETIC = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.true_divide,
    "power": np.power,
    "negative": np.negative,
    "absolute": np.absolute,
}
NAMES = (*ARITHMETIC, "get_item")


class Operation(Layer):
    """What `a + b`, `2 * x`, `-x` or `x[:, -1]` of symbolic tensors make: a function of one or two arrays.

    Shapes: those of NumPy's broadcasting and indexing; the batch axis stays. `left`, `right`: a number, or an array
    without batch axis, that stands in the place of an operand. `key`: of 'get_item', an entry for each axis: an int,
    None for a new axis, '...', or [start, stop, step] of a slice. Its gradient is worked out by `kexp.autodiff`.
    Raises: ShapeError if shapes do not fit.
    """

    casts_ints = True
    flops_per_value = 1

    def __init__(
        self,
        function: Literal["add", "subtract", "multiply", "divide", "power", "negative", "absolute", "get_item"],
        left: Any = None,
        right: Any = None,
        key: list[Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.function = one_of("function", function, NAMES)
        if left is not None and right is not None:
            raise ArgumentError("left and right cannot both be given: one operand is a tensor")
        self.left, self.right = left, right
        if (key is not None) != (function == "get_item"):
            raise ArgumentError(f"key must be given for 'get_item', and for nothing else. Received: {key!r}")
        self.key = None if key is None else _as_index(key)

    def call(self, *inputs: Array) -> Array:
        if self.key is not None:
            taken: Array = inputs[0][self.key]
            return taken
        operands: list[Any] = list(inputs)
        if self.left is not None:
            operands.insert(0, _like(self.left, inputs[0]))
        if self.right is not None:
            operands.append(_like(self.right, inputs[0]))
        result: Array = ARITHMETIC[self.function](*operands)
        return result

    def compute_output_shape(self, input_shape: Any) -> Any:
        try:
            with np.errstate(all="ignore"):  # zeros divided by zeros
                return super().compute_output_shape(input_shape)
        except (ValueError, IndexError) as error:
            raise ShapeError(f"layer {self.name!r}: {self.function}: {error}. Received: {input_shape}") from error


def as_key(index: Any) -> list[Any]:
    """What stands between the brackets of `x[...]`, as a config can hold it.

    Raises: ArgumentError if the batch axis would go, or an entry is none of ints, slices, None and '...'.
    """
    entries = index if isinstance(index, tuple) else (index,)
    if not entries or (entries[0] is not Ellipsis and entries[0] != slice(None)):
        raise ArgumentError(f"the batch axis stays: write x[:, ...]. Received: {index!r}")
    return [_as_entry(entry) for entry in entries]


def _as_entry(entry: Any) -> Any:
    if entry is Ellipsis:
        return "..."
    if isinstance(entry, slice):
        return [entry.start, entry.stop, entry.step]
    if entry is None or (isinstance(entry, int | np.integer) and not isinstance(entry, bool)):
        return None if entry is None else int(entry)
    raise ArgumentError(f"symbolic tensors are indexed by ints, slices, None and '...'. Received: {entry!r}")


def _as_index(key: Sequence[Any]) -> tuple[Any, ...]:
    named = {"...": Ellipsis, None: None}
    return tuple(slice(*entry) if isinstance(entry, list | tuple) else named.get(entry, entry) for entry in key)


def _like(constant: Any, x: Array) -> Any:
    if isinstance(constant, bool | int | float):
        return constant
    return np.asarray(constant, dtype=x.dtype, like=x)
