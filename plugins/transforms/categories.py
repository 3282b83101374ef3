"""Categories of columns: gathered chunk by chunk, and the number of each value among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.errors import DataError
from kexp_plugins.transforms.bad_values import at, missing_rows, shown

SHOWN = 10

Values = np.ndarray[Any, Any]
Known = list[Any]


class Categories:
    """The different values of one column, sorted: numbers by size, texts by letters."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._seen: set[Any] = set()

    def add(self, values: Values, start: int) -> None:
        """Take in values (n,); `start` is the number of the first row.

        Raises: DataError if one is missing.
        """
        import pandas  # at the door: slow to import

        require_no_gap(values, self.name, start)
        found = pandas.unique(values if values.dtype.kind in "biufO" else values.astype(object))
        self._seen.update(np.asarray(found).tolist())

    def sorted(self) -> Known:
        """All of them.

        Raises: DataError if they are neither numbers nor texts, or both, or there are none.
        """
        if not self._seen:
            raise DataError(f"{self.name or 'the labels'}: there are no values to learn categories from")
        odd = next((value for value in self._seen if not isinstance(value, str | bool | int | float)), None)
        if odd is not None:
            raise DataError(
                f"{self.name or 'the labels'}: categories are texts or numbers. Received: a {type(odd).__name__}, {odd}"
            )
        try:
            return sorted(self._seen)
        except TypeError:
            kinds = sorted({type(value).__name__ for value in self._seen})
            raise DataError(
                f"{self.name or 'the labels'}: values of several types ({', '.join(kinds)}) cannot be sorted. "
                "Make them all texts or all numbers"
            ) from None


def codes_of(values: Values, known: Known) -> Values:
    """The number of each value among the `known` ones, -1 for others: int64 (n,)."""
    import pandas  # at the door: slow to import

    return np.asarray(pandas.Index(known).get_indexer(pandas.Index(values)), dtype=np.int64)


def require_known(codes: Values, values: Values, known: Known, name: str, advice: str = "") -> None:
    """Raise DataError at the first value whose code is -1."""
    if len(codes) and codes.min() < 0:
        rows = np.flatnonzero(codes < 0)
        count = f" ({len(rows)} rows hold unknown values)" if len(rows) > 1 else ""
        raise DataError(
            f"{at(name, int(rows[0]))}: {shown(values[rows[0]])} was not among the training data's values{count}. "
            f"Known: {listed(known)}{advice}"
        )


def require_no_gap(values: Values, name: str, start: int = 0) -> None:
    """Raise DataError at the first value that is missing."""
    gaps = missing_rows(values)
    if gaps.any():
        count = f" ({gaps.sum()} values of the column are missing)" if gaps.sum() > 1 else ""
        raise DataError(
            f"{at(name, start + int(np.flatnonzero(gaps)[0]))}: the value is missing{count}. Fill it in first (impute)"
        )


def listed(known: Sequence[Any]) -> str:
    """Categories for an error, a long list shortened."""
    more = len(known) - SHOWN
    return ", ".join(map(shown, known[:SHOWN])) + (f" and {more} more" if more > 0 else "")
