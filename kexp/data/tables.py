"""Tables: made from rows, turned into arrays of numbers with errors that name column and row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kexp.data.rows import is_table
from kexp.errors import DataError


def as_table(x: Any, columns: Sequence[str], needed: Sequence[str]) -> Any:
    """`x` as a table with these columns in this order: a table, rows as an array or lists, or a list of dicts.

    Of a table those columns are taken that it has; `needed` ones must be there.
    Raises: DataError that names the columns that are missing, or that two columns share their name.
    """
    x = x if is_table(x) else _table_of_rows(x, columns)
    names = [str(name) for name in x.columns]
    present = dict(zip(names, x.columns, strict=True))
    missing = [name for name in needed if name not in present]
    if missing:
        raise DataError(f"the table lacks the columns {', '.join(missing)}. It has: {', '.join(present)}")
    twice = next((name for place, name in enumerate(names) if name in names[:place] and name in columns), None)
    if twice is not None:
        raise DataError(f"the table has more than one column {twice!r}: give each a name of its own")
    kept = [present[name] for name in columns if name in present]
    return x[kept].set_axis([str(name) for name in kept], axis=1)


def _table_of_rows(x: Any, columns: Sequence[str]) -> Any:
    import pandas  # at the door: slow to import

    if isinstance(x, list) and x and isinstance(x[0], Mapping):
        return pandas.DataFrame(x).infer_objects()
    rows = np.empty(()) if isinstance(x, Mapping) else np.asarray(x, dtype=object)
    if rows.ndim == 2 and rows.shape[1] == len(columns):
        return pandas.DataFrame(rows, columns=list(columns)).infer_objects()
    received = f"an array of shape {rows.shape}"
    if isinstance(x, Mapping) and any(np.ndim(value) for value in x.values()):
        received = "a dict of columns. Make it a table: pandas.DataFrame(x)"
    elif isinstance(x, Mapping) or rows.shape == (len(columns),):
        received = "a single row. Put it into a list, [row]; of a DataFrame take table.iloc[[0]]"
    raise DataError(
        f"the data must be a table with the columns {', '.join(columns)}, or rows of {len(columns)} values. "
        f"Received: {received}"
    )


def with_index(values: np.ndarray[Any, Any], index: Any, columns: Any = None) -> Any:
    """Values (n,) as a Series with this index, (n, k) as a DataFrame."""
    import pandas  # at the door: slow to import

    if values.ndim == 1:
        return pandas.Series(values, index=index)
    return pandas.DataFrame(values, index=index, columns=columns)


def table_numbers(table: Any, name: str) -> np.ndarray[Any, Any]:
    """A DataFrame (n, d), or a Series (n,), as an array of numbers.

    Raises: DataError that names the column and the first row that holds a text, or no value.
    """
    if not hasattr(table, "columns"):
        return _column(table, f"{name}{'' if table.name is None else f' ({table.name!r})'}")
    columns = [
        _column(table.iloc[:, place], f"column {str(label)!r} of {name}") for place, label in enumerate(table.columns)
    ]
    return np.stack(columns, axis=1) if columns else np.empty((len(table), 0))


def _column(series: Any, owner: str) -> np.ndarray[Any, Any]:
    missing = np.asarray(series.isna())
    if missing.any():
        row = int(missing.argmax())
        count = int(missing.sum())
        raise DataError(
            f"{owner} has {count} missing value{'s' if count > 1 else ''}, the first in row {row}. "
            "Fill them (a pipeline step such as impute), or leave these rows out"
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
