"""Columns of tables and arrays: which are meant, their numbers, and new values in their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from kexp.errors import ArgumentError, DataError, nearest
from kexp_plugins.transforms.bad_values import explain_numbers, is_text, looks_like_numbers, require_finite

Column = str | int
Names = list[Any]
Values = np.ndarray[Any, Any]

SHOWN = 30


def is_table(x: Any) -> bool:
    """Whether `x` is a DataFrame."""
    return hasattr(x, "iloc") and hasattr(x, "columns")


def table_names(x: Any) -> list[str]:
    """The names of a table's columns, as texts.

    Raises: DataError if two columns have one name.
    """
    names = [str(name) for name in x.columns]
    if len(set(names)) < len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise DataError(f"the table has more than one column {twice!r}: give each a name of its own")
    return names


def as_data(x: Any) -> Any:
    """A table as it is; Series, lists and arrays as an array with at least one axis."""
    if is_table(x):
        return x
    try:
        array = np.asarray(x)
    except ValueError as error:  # of lists of several lengths
        raise DataError(f"a table or an array of rows is needed: {error}") from None
    if array.ndim == 0:
        raise DataError(f"a table or an array of rows is needed. Received: {x!r}")
    return array


def width(x: Any) -> int:
    """The number of columns: of an array, the size of its last axis; 1 where it has only the rows' axis."""
    return len(x.columns) if is_table(x) else 1 if x.ndim == 1 else x.shape[-1]


def checked_columns(columns: Any, name: str = "columns") -> list[Column] | None:
    """`columns` as a constructor takes them: None, a name or number, or a list of them, none twice."""
    if columns is None:
        return None
    given = [columns] if isinstance(columns, str | int) else columns
    good = isinstance(given, list | tuple) and all(
        isinstance(column, str | int) and not isinstance(column, bool) for column in given
    )
    if not good or not given:
        raise ArgumentError(f"{name} must be a list of column names or numbers. Received: {columns!r}")
    twice = [column for place, column in enumerate(given) if column in given[:place]]
    if twice:
        raise ArgumentError(f"{name} names {twice[0]!r} twice. Received: {columns!r}")
    return list(given)


def chosen(x: Any, columns: Sequence[Column] | None, default: Literal["all", "numbers", "texts"]) -> Names:
    """What the chosen columns are called from now on: their names in a table, their numbers in an array.

    `default`: which columns None stands for; a column of numbers with a few texts among them counts as numbers.
    Raises: DataError if there is no such column.
    """
    if columns is not None:
        return _resolved(x, columns)
    if not is_table(x):
        return list(range(width(x)))
    names = table_names(x)
    if default == "all":
        return names
    found = [name for place, name in enumerate(names) if _holds(x.iloc[:, place], default)]
    if not found:
        raise DataError(f"the table has no column of {default}. It has: {listed(names)}. Say which with `columns`")
    return found


def places_of(x: Any, names: Names) -> list[int]:
    """Where these columns (as `chosen` gave them) stand in `x`.

    Raises: DataError that names those that are missing.
    """
    if not is_table(x):
        if names and isinstance(names[0], str):
            raise DataError(
                f"a table with the columns {listed(names)} is needed, as in the fit. "
                f"Received: an array of shape {x.shape}"
            )
        if names and max(names) >= width(x):
            raise DataError(f"the array has {width(x)} columns, and column {max(names)} is needed, as in the fit")
        return list(names)
    if names and not isinstance(names[0], str):
        if max(names) >= width(x):
            raise DataError(f"the table has {width(x)} columns, and column {max(names)} is needed, as in the fit")
        return list(names)
    known = {name: place for place, name in enumerate(table_names(x))}
    missing = [name for name in names if name not in known]
    if missing:
        raise DataError(f"the table lacks the columns {listed(missing)}. It has: {listed(list(known))}")
    return [known[name] for name in names]


def matrix(x: Any, names: Names, *, start: int = 0, missing: bool = False) -> Values:
    """The numbers of these columns (m, k), float32 if all of them are, else float64.

    m is the number of rows, or of all rows of the last axis. `start`: the number of the first row, for errors.
    `missing`: whether NaN is allowed.
    Raises: DataError that names column, row and value, if a cell is no number, or not finite.
    """
    places = places_of(x, names)
    if is_table(x):
        values = _table_numbers(x, places, start)
    else:
        values = _array_numbers(x, start)
        if places != list(range(values.shape[1])):
            values = values[:, places]
    require_finite(values, [label(x, place) for place in places], start, missing=missing, rows=len(x))
    return values


def with_columns(x: Any, names: Names, values: Values) -> Any:
    """`x` with these columns replaced by `values` (m, k); the rest, index and order stay."""
    places = places_of(x, names)
    if is_table(x):
        new = x.copy(deep=False)
        if len(set(x.columns)) == len(x.columns):
            for column, place in enumerate(places):
                new[x.columns[place]] = values[:, column]
        return new
    if len(places) == width(x):
        return values.reshape(x.shape)
    new = x.reshape(-1, width(x)).astype(np.result_type(x.dtype if x.dtype.kind in "biuf" else object, values))
    new[:, places] = values
    return new.reshape(x.shape)


def column_values(x: Any, name: Any) -> Values:
    """The values of one column as they are (n,)."""
    (place,) = places_of(x, [name])
    if is_table(x):
        return np.asarray(x.iloc[:, place])
    found: Values = x if x.ndim == 1 else x[..., place].reshape(-1)
    return found


def label(x: Any, place: int) -> str:
    """How to call a column in an error; empty where there is only one without a name."""
    if is_table(x):
        return f"column {str(x.columns[place])!r}"
    return f"column {place}" if x.ndim > 1 and x.shape[-1] > 1 else ""


def listed(names: Sequence[Any]) -> str:
    """Names for an error, a long list shortened."""
    more = len(names) - SHOWN
    return ", ".join(map(str, names[:SHOWN])) + (f" and {more} more" if more > 0 else "")


def _holds(column: Any, default: str) -> bool:
    return is_text(column) if default == "texts" else not is_text(column) or looks_like_numbers(column)


def _resolved(x: Any, columns: Sequence[Column]) -> Names:
    names = table_names(x) if is_table(x) else []
    found = []
    for column in columns:
        if column in names:
            found.append(names.index(str(column)))
        elif isinstance(column, str):
            raise DataError(_unknown(x, column, names))
        elif str(column) in names:  # a table whose columns are numbered has them as texts
            found.append(names.index(str(column)))
        elif not -width(x) <= column < width(x):
            raise DataError(f"there is no column {column}: the {width(x)} columns are numbered 0 to {width(x) - 1}")
        else:
            found.append(column % width(x))
    return [names[place] for place in found] if names else found


def _unknown(x: Any, column: str, names: list[str]) -> str:
    if not is_table(x):
        return f"the data are an array, whose columns go by their numbers. Received: column {column!r}"
    near = nearest(column, names)
    hint = f" Did you mean {near!r}?" if near else ""
    return f"the table has no column {column!r}.{hint} It has: {listed(names)}"


def _table_numbers(x: Any, places: list[int], start: int) -> Values:
    """(n, k); nullable columns' missing values become NaN."""
    picked = x.iloc[:, places]
    for place in places:
        if is_text(x.iloc[:, place]):
            explain_numbers(x.iloc[:, place], label(x, place), start)
    dtype = np.float32 if places and all(str(kind) == "float32" for kind in picked.dtypes) else np.float64
    return np.asarray(picked.to_numpy(dtype, na_value=np.nan))


def _array_numbers(x: Values, start: int) -> Values:
    """(m, k)."""
    if x.dtype.kind not in "biufO":
        explain_numbers(x.reshape(-1), label(x, 0), start)
    rows = x.reshape(len(x), -1) if x.ndim == 1 else x.reshape(-1, x.shape[-1])
    if x.dtype.kind == "O":
        for place in range(rows.shape[1]):
            explain_numbers(rows[:, place], label(x, place), start)
    return rows if rows.dtype in (np.float32, np.float64) else rows.astype(np.float64)
