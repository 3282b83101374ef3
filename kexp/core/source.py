"""Source: samples that are read when they are needed, by slices and index arrays."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np

Rows = slice | np.ndarray[Any, Any]


@runtime_checkable
class Source(Protocol):
    """Samples with a length and random access: an HDF5 file, a folder of images, arrays put together.

    A source is safe to read from several threads. Where neighbouring rows are much cheaper to read together than
    apart, it has an attribute `chunk_rows`, the number of rows that are best read at once; training then shuffles
    within groups of chunks, not over all rows.
    """

    def __len__(self) -> int: ...

    def take(self, rows: Rows) -> Any:
        """The samples of these rows, an array (len(rows), ...); index arrays hold any rows in any order."""


def is_source(values: Any) -> bool:
    """Whether `values` follows the Source protocol (arrays and tables have a method `take` too)."""
    return (
        hasattr(values, "take")
        and hasattr(values, "__len__")
        and not hasattr(values, "dtype")
        and not hasattr(values, "iloc")
    )
