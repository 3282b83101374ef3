"""Tables as arrays of numbers, with errors that name column and row."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.errors import DataError


def table_numbers(table: Any, name: str) -> np.ndarray[Any, Any]:
    """A DataFrame (n, d), or a Series (n,), as an array of numbers.

    Raises: DataError that names the column and the first row that holds a text, or no value.
    """
    if not hasattr(table, "columns"):
        return _column(table, name, f"{name}{'' if table.name is None else f' ({table.name!r})'}")
    columns = [_column(table.iloc[:, place], name, f"column {str(label)!r} of {name}") for place, label in enumerate(table)]
    return np.stack(columns, axis=1) if columns else np.empty((len(table), 0))


def _column(series: Any, name: str, owner: str) -> np.ndarray[Any, Any]:
    missing = np.asarray(series.isna())
    if missing.any():
        row = int(missing.argmax())
        count = int(missing.sum())
        raise DataError(
            f"{owner} has {count} missing value{'s' if count > 1 else ''}, the first in row {row}. Fill them (a pipeline "
            "step such as impute), or leave these rows out"
        )
    values = np.asarray(series)
    if values.dtype.kind in "biuf":
        return values
    for row, value in enumerate(values):
        if not isinstance(value, bool | int | float | np.number | np.bool_):
            raise DataError(
                f"{owner} does not hold numbers: row {row} is {value!r}. Turn it into numbers with a pipeline step "
                "such as one_hot or label_encode, or drop the column"
            )
    return values.astype(np.float64)
