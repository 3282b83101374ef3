"""Cast: numbers of another dtype, also from numbers written as texts."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.bad_values import at, missing_rows, shown
from kexp_plugins.transforms.columns import (
    as_data,
    checked_columns,
    chosen,
    column_values,
    is_table,
    label,
    places_of,
)


class Cast(Transform):
    """Numbers as `dtype`: float32, int64, bool ... ; texts such as "3.5" become numbers.

    `columns` of a table; None is all of them. An array is cast as a whole.
    Raises: DataError that names column, row (from 0) and value where nothing but another number could come out: a
    text that is no number; for whole numbers a gap, a fraction, or a number out of range.
    """

    def __init__(self, dtype: str = "float32", columns: list[str | int] | None = None) -> None:
        try:
            self.dtype = np.dtype(dtype)
        except TypeError:
            raise ArgumentError(f"dtype must be a dtype of numbers, such as float32. Received: {dtype!r}") from None
        if self.dtype.kind not in "biuf":
            raise ArgumentError(f"dtype must be a dtype of numbers, such as float32. Received: {dtype!r}")
        self.columns = checked_columns(columns)

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        x = as_data(x)
        if not is_table(x):
            if self.columns is not None:
                raise DataError("columns of a cast are those of a table. Received: an array")
            return self._cast(x.reshape(-1), "", x.size // max(1, len(x))).reshape(x.shape)
        new = x.copy(deep=False)
        names = chosen(x, self.columns, "all")
        for name, place in zip(names, places_of(x, names), strict=True):
            new[x.columns[place]] = self._cast(column_values(x, name), label(x, place), 1)
        return new

    def _cast(self, values: Any, name: str, row_size: int) -> Any:
        """Values (m,) as `dtype`; `row_size` of them make a row."""
        if values.dtype.kind not in "biuf":
            values = _parsed(values, name, row_size)
        if self.dtype.kind in "biu" and values.dtype.kind == "f":
            self._refuse(~np.isfinite(values) | (values != np.floor(values)), values, name, row_size, "a whole number")
        if self.dtype.kind in "iu":
            limits = np.iinfo(self.dtype)
            out = (values < limits.min) | (values > limits.max)
            self._refuse(out, values, name, row_size, f"from {limits.min} to {limits.max}")
        if self.dtype.kind == "b":
            self._refuse((values != 0) & (values != 1), values, name, row_size, "0 or 1")
        if self.dtype.kind == values.dtype.kind == "f" and self.dtype.itemsize < values.dtype.itemsize:
            largest = float(np.finfo(self.dtype).max)
            out = np.isfinite(values) & (np.abs(values) > largest)
            self._refuse(out, values, name, row_size, f"at most {largest:g}")
        return values.astype(self.dtype)

    def _refuse(self, bad: Any, values: Any, name: str, row_size: int, wanted: str) -> None:
        if bad.any():
            first = int(np.flatnonzero(bad)[0])
            place = at(name, first // max(1, row_size))
            raise DataError(f"{place}: for {self.dtype} a value must be {wanted}. Received: {shown(values[first])}")


def _parsed(values: Any, name: str, row_size: int) -> Any:
    """Texts and objects as float64, gaps as NaN."""
    import pandas  # at the door: slow to import

    found = np.asarray(pandas.to_numeric(pandas.Series(values), errors="coerce"), dtype=np.float64)
    texts = np.isnan(found) & ~missing_rows(values)
    if texts.any():
        first = int(np.flatnonzero(texts)[0])
        raise DataError(f"{at(name, first // max(1, row_size))}: {shown(values[first])} is no number")
    return found


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"cast": Cast}
