"""Says what is wrong with values that were to be numbers: column, row, value and what to do."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from kexp.errors import DataError

SHOWN_CHARACTERS = 40
LOOKED_AT = 200


def is_text(column: Any) -> bool:
    """Whether a table's column does not hold numbers (texts, categories, dates, objects)."""
    kind = column.dtype
    if isinstance(kind, np.dtype):
        return kind.kind not in "biuf"
    return getattr(kind, "kind", "O") not in "biuf"  # pandas' own dtypes; those of numbers say so


def looks_like_numbers(column: Any) -> bool:
    """Whether most of the first values of a column of objects or texts are, or are written like, numbers."""
    import pandas  # at the door: slow to import

    if str(column.dtype) not in ("object", "str", "string"):
        return False
    known = column.iloc[: 2 * LOOKED_AT].dropna().iloc[:LOOKED_AT]
    if not len(known):
        return False
    return bool(2 * pandas.to_numeric(known, errors="coerce").notna().sum() > len(known))


def is_missing(value: Any) -> bool:
    """Whether a single value is None, NaN, NaT or pandas' NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and math.isnan(value)


def shown(value: Any) -> str:
    """A value for an error, a long text shortened."""
    value = value.item() if isinstance(value, np.generic) else value
    text = value if len(str(value)) <= SHOWN_CHARACTERS else str(value)[:SHOWN_CHARACTERS] + "..."
    return repr(text)


def at(column: str, row: int) -> str:
    """A place for an error: column 'Age', row 12."""
    return f"{column}, row {row}" if column else f"row {row}"


def explain_numbers(column: Any, name: str, start: int) -> None:
    """Raise DataError at the first value that is no number; return if all are numbers or missing."""
    for row, value in enumerate(np.asarray(column, dtype=object), start):
        if isinstance(value, numbers.Real | np.bool_) or is_missing(value):
            continue
        what = "the text" if isinstance(value, str) else f"a {type(value).__name__},"
        advice = "Encode the column first (one_hot or label_encode), or leave it out (drop_columns)"
        if isinstance(value, str) and _is_number(value):
            advice = "Read the column as numbers first (cast)"
        raise DataError(f"{at(name, row)}: numbers are needed, and it holds {what} {shown(value)}. {advice}")


def require_finite(values: Any, names: list[str], start: int, *, missing: bool, rows: int) -> None:
    """Raise DataError at the first of `values` (m, k) that is infinite, or NaN unless `missing`.

    `names`: how to call each column. `rows`: the number of samples, where m is a multiple of it.
    """
    bad = np.isinf(values) if missing else ~np.isfinite(values)
    if not bad.any():
        return
    column = int(np.flatnonzero(bad.any(0))[0])
    of_column = bad[:, column]
    first = int(np.flatnonzero(of_column)[0])
    row = start + first // max(1, len(values) // max(1, rows))
    if np.isnan(values[first, column]):
        count = int(np.isnan(values[:, column]).sum())
        more = f" ({count} values of the column are missing)" if count > 1 else ""
        raise DataError(f"{at(names[column], row)}: the value is missing{more}. Fill it in first (impute)")
    raise DataError(f"{at(names[column], row)}: the value is {values[first, column]}, which is not finite")


def missing_rows(values: Any) -> Any:
    """Which values (n,) are missing, as a mask; of any dtype."""
    if values.dtype.kind == "f":
        return np.isnan(values)
    if values.dtype.kind in "biuUS":
        return np.zeros(len(values), dtype=bool)
    import pandas  # at the door: slow to import

    return np.asarray(pandas.isna(values))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
