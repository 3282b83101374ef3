"""Arrays as sources, and what a person may hand over instead of an array."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.source import Rows, Source
from kexp.data.tables import table_numbers
from kexp.errors import DataError


class ArraySource:
    """An array in memory as a source.

    Numbers are cast to `dtype` when they are taken, so that bytes stay bytes until they are needed; a dtype of texts
    takes texts.
    """

    in_memory = True

    def __init__(self, values: Any, dtype: Any = None, name: str = "x") -> None:
        self.dtype = None if dtype is None or is_text(dtype) else np.dtype(dtype)
        self.array = as_texts(values, name) if is_text(dtype) else as_array(values, name)
        self.shape = self.array.shape
        small = self.array.nbytes <= 1 << 24  # casting once is cheaper than casting every epoch
        if self.dtype is not None and small and self.array.dtype != self.dtype:
            self.array = self.array.astype(self.dtype)

    def __len__(self) -> int:
        return len(self.array)

    def take(self, rows: Rows) -> Array:
        taken = self.array[rows] if isinstance(rows, slice) else self.array.take(rows, 0)
        return taken if self.dtype is None or taken.dtype == self.dtype else taken.astype(self.dtype)


class ConvertedSource:
    """A source whose blocks pass through `function` when they are read, such as a cast or a check."""

    def __init__(self, source: Source, function: Callable[[Any], Array]) -> None:
        self.source, self.function = source, function
        self.chunk_rows = int(getattr(source, "chunk_rows", 1))

    @property
    def before(self) -> Any:
        """What a source that is augmented later has before that."""
        return self.source.before  # type: ignore[attr-defined]

    def __len__(self) -> int:
        return len(self.source)

    def take(self, rows: Rows) -> Array:
        return self.function(self.source.take(rows))


def is_text(dtype: Any) -> bool:
    """Whether a dtype is that of texts."""
    return dtype is not None and np.dtype(dtype).kind == "U"


def as_texts(values: Any, name: str) -> np.ndarray[Any, Any]:
    """Texts as an array with at least one axis.

    Raises: DataError if they are no texts.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "OU" or array.ndim == 0:
        raise DataError(f"{name} must hold texts. Received: {array.dtype} of shape {array.shape}")
    wrong = (
        next((value for value in array.ravel() if not isinstance(value, str)), None) if array.dtype == object else None
    )
    if wrong is not None:
        raise DataError(f"{name} must hold texts. Received: {wrong!r}")
    return array


def as_array(values: Any, name: str) -> np.ndarray[Any, Any]:
    """Arrays, nested lists, DataFrames and Series as a NumPy array of numbers with at least one axis.

    Raises: DataError if they are no numbers, ragged, or a single number.
    """
    if hasattr(values, "get") and hasattr(values, "device") and not isinstance(values, np.ndarray):
        values = values.get()  # an array on another device
    if hasattr(values, "iloc"):
        return table_numbers(values, name)
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise DataError(f"{name} must be an array of numbers: {error}") from None
    if array.dtype.kind == "O":
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(f"{name} must hold numbers: {error}") from None
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} must hold numbers. Received dtype {array.dtype}")
    if array.ndim == 0:
        raise DataError(f"{name} must have a batch axis. Received a single number: {array}")
    return array


def as_list(values: Any, names: Sequence[Any], what: str = "inputs") -> list[Any]:
    """What was given for several inputs (or outputs), in the model's order: a list, a tuple, a dict by name, or one.

    Raises: DataError if their number or names do not fit.
    """
    if isinstance(values, Mapping):
        missing = [str(name) for name in names if name not in values]
        surplus = [str(key) for key in values if key not in names]
        if missing or surplus:
            raise DataError(
                f"the model has the {what} {', '.join(map(str, names))}."
                + (f" Missing: {', '.join(missing)}." if missing else "")
                + (f" Unknown: {', '.join(surplus)}." if surplus else "")
            )
        return [values[name] for name in names]
    if len(names) > 1:
        if not isinstance(values, list | tuple) or len(values) != len(names):
            got = f"{len(values)} arrays" if isinstance(values, list | tuple) else type(values).__name__
            raise DataError(
                f"the model has {len(names)} {what} ({', '.join(map(str, names))}); "
                f"a list of {len(names)} arrays is needed, or a dict by name. Received: {got}"
            )
        return list(values)
    if isinstance(values, list | tuple) and len(values) == 1 and hasattr(values[0], "shape") and values[0].shape:
        return [values[0]]
    return [values]


def check_lengths(parts: Mapping[str, Any]) -> int:
    """The common number of samples.

    Raises: DataError if the parts differ in length, or are empty.
    """
    lengths = {name: len(part) for name, part in parts.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"all data must have the same number of samples. Received: {_listed(lengths)}")
    n = next(iter(lengths.values()))
    if n == 0:
        raise DataError(f"the data are empty: {_listed(lengths)}")
    return n


def _listed(lengths: Mapping[str, int]) -> str:
    return ", ".join(f"{name} has {n}" for name, n in lengths.items())
