"""Rows of whatever holds samples: arrays, tables, lists, sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from kexp.core.dataset import Split
from kexp.core.source import Rows, Source, is_source
from kexp.errors import DataError

CHUNK_BYTES = 1 << 25


def is_table(x: Any) -> bool:
    """Whether `x` is a DataFrame."""
    return hasattr(x, "iloc") and hasattr(x, "columns")


def columns_of(x: Any) -> list[str] | None:
    """The names of a table's columns; None for what is no table."""
    return [str(name) for name in x.columns] if is_table(x) else None


def take_rows(x: Any, rows: Rows) -> Any:
    """These rows of an array, a table, a list of texts, a source, or of all of several of them."""
    if x is None:
        return None
    if isinstance(x, Mapping):
        return {name: take_rows(part, rows) for name, part in x.items()}
    if is_source(x):
        return Part(x, rows)
    if hasattr(x, "iloc"):
        return x.iloc[rows]
    if isinstance(x, list | tuple) and any(hasattr(part, "shape") or is_source(part) for part in x):
        return [take_rows(part, rows) for part in x]
    return np.asarray(x)[rows] if not hasattr(x, "shape") else x[rows]


def part_of_split(split: Split, rows: np.ndarray[Any, Any]) -> Split:
    """Some rows of a split, which remember where they came from."""
    return Split(take_rows(split.x, rows), take_rows(split.y, rows), take_rows(split.sample_weight, rows), rows)


def class_labels(y: Any) -> np.ndarray[Any, Any]:
    """One label a row (n,): of one-hot rows (n, k) the place of the largest.

    Raises: DataError if there are no labels.
    """
    if y is None or isinstance(y, Mapping):
        raise DataError("the split looks at labels, and the data set has no array of them")
    labels = np.asarray(y.take(slice(0, len(y))) if is_source(y) else y)
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = labels.argmax(1)
    return labels.reshape(len(labels))


def count_rows(x: Any) -> int:
    """The number of samples in what `take_rows` takes."""
    if isinstance(x, Mapping):
        return count_rows(next(iter(x.values())))
    if isinstance(x, list | tuple) and len(x) and (hasattr(x[0], "shape") or is_source(x[0])):
        return count_rows(x[0])
    return len(x)


class Part:
    """Some rows of a source, as a source."""

    def __init__(self, source: Source, rows: Rows) -> None:
        self.source = source
        self.rows = range(*rows.indices(len(source))) if isinstance(rows, slice) else np.asarray(rows)
        self.chunk_rows = getattr(source, "chunk_rows", 1)

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, rows: Rows) -> Any:
        if not isinstance(self.rows, range):
            return self.source.take(self.rows[rows])
        if isinstance(rows, slice):
            return self.source.take(_as_slice(self.rows[rows]))
        return self.source.take(np.asarray(rows) * self.rows.step + self.rows.start)  # nothing of the data's length


def _as_slice(rows: range) -> slice:
    if not rows:
        return slice(0, 0)
    return slice(rows.start, rows.stop if rows.stop >= 0 else None, rows.step)


def read_chunks(source: Source) -> Iterator[Any]:
    """All of a source from first to last, in chunks of a few megabytes."""
    n = len(source)
    first = source.take(slice(0, 1))
    size = max(1, CHUNK_BYTES // max(1, getattr(first, "nbytes", 1024)))
    for start in range(0, n, size):
        yield source.take(slice(start, min(start + size, n)))
