"""Targets that are labels: texts, truth values, class numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.source import is_source
from kexp.data import is_table
from kexp.errors import DataError


def column_of(y: Any) -> Any:
    """A table of one column as that column."""
    return y.iloc[:, 0] if is_table(y) and y.shape[1] == 1 else y


def texts_of(y: Any) -> np.ndarray[Any, Any]:
    """Targets as texts (n,)."""
    return np.asarray(column_of(y), dtype=str).ravel()


def _single(y: Any) -> np.ndarray[Any, Any] | None:
    """Targets of one value a row, as an array, of a source the first alone; None for others."""
    y = y.take(slice(0, 1)) if is_source(y) else y
    if y is None or isinstance(y, dict) or (is_table(y) and y.shape[1] != 1):
        return None
    if isinstance(y, list | tuple) and any(getattr(one, "shape", ()) or isinstance(one, list | tuple) for one in y):
        return None  # one for each output, or rows
    values = np.asarray(column_of(y))
    return values if values.ndim == 1 or values.shape[1:] == (1,) else None


def are_labels(y: Any) -> bool:
    """Whether targets are texts: classes by their names."""
    values = _single(y)
    if values is None or values.dtype.kind not in "OUS" or not values.size:
        return False
    return all(isinstance(value, str) for value in values.ravel())


def numbered(y: Any) -> np.ndarray[Any, Any] | None:
    """The labels of targets that are class numbers: none where numbers stand for themselves."""
    values = _single(y)
    if values is None or not values.size:
        return None
    truths = values.dtype.kind == "O" and all(isinstance(value, bool | np.bool_) for value in values.ravel())
    if truths or values.dtype.kind == "b":
        return np.array([False, True])
    return np.empty(0, np.int64) if values.dtype.kind in "iu" else None


def numbers_of(y: Any, labels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The class numbers of targets that are texts.

    Raises: DataError that names the first that is none of the labels.
    """
    texts = texts_of(y)
    places = np.searchsorted(labels, texts).clip(0, len(labels) - 1)
    strange = np.flatnonzero(labels[places] != texts)
    if len(strange):
        raise DataError(
            f"the target {str(texts[strange[0]])!r} (row {strange[0]}) is none of the classes that the model was "
            f"trained on: {', '.join(map(str, labels))}"
        )
    return places
