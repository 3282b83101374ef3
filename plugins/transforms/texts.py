"""Texts as they come (arrays, Series, lists, a column of a table) as a list of str, or an error that names the row."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.errors import DataError
from kexp_plugins.transforms.bad_values import at, is_missing, shown
from kexp_plugins.transforms.columns import is_table, label, listed

Values = np.ndarray[Any, Any]


def as_texts(x: Any, start: int = 0, encoding: str = "utf-8") -> list[str]:
    """Texts (n,) or (n, 1), or a table's only column, as a list; bytes are decoded. `start`: the first row's number.

    Raises: DataError that names the row of a value that is missing or no text.
    """
    if is_table(x):
        if len(x.columns) != 1:
            raise DataError(
                f"texts are needed, and the table has {len(x.columns)} columns: {listed(list(x.columns))}. "
                "Choose the one with the texts first (select_columns)"
            )
        return checked_texts(np.asarray(x.iloc[:, 0]), label(x, 0), start, encoding)
    if isinstance(x, str | bytes):
        raise DataError(f"a list or an array of texts is needed. Received: a single one, {shown(x)}")
    values = text_array(x)
    if values.ndim == 0 or (values.ndim > 1 and values.size != len(values)):
        raise DataError(f"texts (n,) or (n, 1) are needed, one for each sample. Received: shape {values.shape}")
    return checked_texts(values.reshape(-1), "", start, encoding)


def text_array(x: Any) -> Values:
    """What is given as an array; a list is not made one of fixed width, in which each text is as large as the longest.

    Lists of lists of texts become (n, t).
    """
    if not isinstance(x, list | tuple):
        return np.asarray(x)
    if any(isinstance(value, list | tuple | np.ndarray) for value in x):
        try:
            return np.array(x, dtype=object)
        except ValueError as error:
            raise DataError(f"lists of texts must be of one length: {error}") from None
    return object_array(list(x))


def checked_texts(values: Values, column: str = "", start: int = 0, encoding: str = "utf-8") -> list[str]:
    """Values (n,) as texts. `column`: how to call them in an error.

    Raises: DataError that names the row of a value that is missing or no text.
    """
    texts: list[Any] = values.tolist()
    kinds = set(map(type, texts))
    if kinds <= {str}:
        return texts
    made = []
    for row, value in enumerate(texts, start):
        if isinstance(value, bytes):
            value = _decoded(value, at(column, row), encoding)
        if not isinstance(value, str):
            if is_missing(value):
                raise DataError(f"{at(column, row)}: the text is missing. Fill it in first (impute)")
            raise DataError(f"{at(column, row)}: a text is needed. Received: {shown(value)} ({type(value).__name__})")
        made.append(str(value))
    return made


def object_array(values: list[Any]) -> Values:
    """Values, whatever they are, as an object array (n,)."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _decoded(value: bytes, place: str, encoding: str) -> str:
    try:
        return value.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{place}: byte {error.start} (0x{value[error.start]:02x}) is no {encoding}. Decode the texts first"
        ) from None
