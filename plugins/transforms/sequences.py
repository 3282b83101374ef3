"""pad_sequences: sequences of several lengths as one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from kexp.core.component import one_of, positive_int
from kexp.errors import ArgumentError, DataError
from kexp_plugins.transforms.bad_values import shown

Values = np.ndarray[Any, Any]
Side = Literal["pre", "post"]


def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: Side = "pre",
    truncating: Side = "pre",
    value: Any = 0.0,
) -> Values:
    """Sequences in rows of `maxlen` (None: that of the longest), filled up with `value`, cut off where they are longer.

    `padding` and `truncating`: at the start ('pre') or at the end ('post') of each.
    Shapes: n sequences of (t,) or (t, ...) -> (n, maxlen, ...).
    Raises: DataError that names the row that is no sequence, has another shape, or holds what `dtype` cannot: a
    fraction is not cut off to make it an int, as Keras does.

    >>> pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2).tolist()
    [[0, 1], [2, 3], [5, 6]]
    """
    one_of("padding", padding, ("pre", "post"))
    one_of("truncating", truncating, ("pre", "post"))
    size = None if maxlen is None else positive_int("maxlen", maxlen)
    lengths = lengths_of(sequences)
    if size is None:
        if not lengths:
            raise DataError("there are no sequences, so there is no longest one: give maxlen")
        size = max(lengths)
    return padded(sequences, lengths, size, checked_dtype(dtype, value), padding, truncating, value)


def lengths_of(sequences: Any, start: int = 0) -> list[int]:
    """The length of each sequence. `start`: the number of the first row.

    Raises: DataError that names the row that is no sequence.
    """
    if isinstance(sequences, str | bytes | dict) or not hasattr(sequences, "__len__"):
        raise DataError(f"a list of sequences is needed. Received: {shown(sequences)}")
    lengths = []
    for row, sequence in enumerate(sequences, start):
        if isinstance(sequence, str | bytes | dict) or not hasattr(sequence, "__len__"):
            raise DataError(f"row {row}: a sequence is needed. Received: {shown(sequence)} ({type(sequence).__name__})")
        lengths.append(len(sequence))
    return lengths


def padded(
    sequences: Any, lengths: Sequence[int], size: int, dtype: Any, padding: str, truncating: str, value: Any
) -> Values:
    """The rows of `pad_sequences`, arguments checked."""
    filled = next((row for row, length in enumerate(lengths) if length), None)
    inner = np.shape(sequences[filled])[1:] if filled is not None else ()
    rows = np.full((len(lengths), size, *inner), value, dtype=dtype)
    for row, (sequence, length) in enumerate(zip(sequences, lengths, strict=True)):
        if not length or not size:
            continue
        part = sequence[-size:] if truncating == "pre" else sequence[:size]
        values = _as(dtype, part, row)
        if values.shape[1:] != inner:
            raise DataError(
                f"row {row}: the sequences are of {inner or 'numbers'} each, as in row {filled}. "
                f"Received: {values.shape[1:] or 'numbers'}"
            )
        rows[row, slice(size - len(values), None) if padding == "pre" else slice(0, len(values))] = values
    return rows


def _as(dtype: np.dtype[Any], part: Any, row: int) -> Values:
    """The values of one sequence as `dtype`, none of them changed by it."""
    try:
        values = np.asarray(part, dtype=dtype if dtype.kind in "OUS" else None)
        if dtype.kind in "OUS":
            return values
        if values.dtype.kind == "O":
            values = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"row {row}: the sequence does not hold numbers of {dtype}: {error}") from None
    if values.dtype.kind not in "biuf":
        raise DataError(
            f"row {row}: numbers are needed, and the sequence holds {shown(values.reshape(-1)[0])}. "
            "For texts give dtype=object"
        )
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        good = (values >= limits.min) & (values <= limits.max) & (np.floor(values) == values)
        if not good.all():
            raise DataError(
                f"row {row}: {shown(values[~good][0])} cannot be a number of {dtype}. "
                "Give a dtype that holds it, such as float32"
            )
    return values.astype(dtype, copy=False)


def checked_dtype(dtype: Any, value: Any) -> np.dtype[Any]:
    """`dtype`, if it can hold the `value` that fills rows up.

    Raises: ArgumentError otherwise.
    """
    try:
        found: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        raise ArgumentError(f"dtype must be a dtype, such as int32. Received: {dtype!r}") from None
    if isinstance(value, str) and found.kind not in "OUS":
        raise ArgumentError(f"value is the text {value!r}, which {found} cannot hold: give dtype=object")
    if found.kind in "iu" and (not np.isfinite(value) or value != int(value)):
        raise ArgumentError(f"value must be a whole number for {found}. Received: {value!r}")
    return found
