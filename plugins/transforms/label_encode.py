"""LabelEncode: categories as the numbers 0, 1, 2, ... in sorted order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kexp.core.transform import Transform
from kexp.errors import DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.categories import Categories, codes_of, listed, require_known, require_no_gap
from kexp_plugins.transforms.columns import (
    as_data,
    checked_columns,
    chosen,
    column_values,
    is_table,
    label,
    places_of,
    with_columns,
)


class LabelEncode(Transform):
    """The number of each value among the column's sorted values in the training data, as int64.

    Of a table `columns` are encoded (None: all columns of texts), of a 1-D array of labels all of it, to class numbers
    as a loss wants them. `inverse` gives the values back: of class numbers, of probabilities (n, k) the label of the
    largest, of those (n, 1) of the second of two classes that one above 0.5.
    Raises: DataError that names column, row and value, if it is missing, or was not in the training data.
    """

    learns = True

    def __init__(self, columns: list[str | int] | None = None) -> None:
        self.columns = checked_columns(columns)

    def fit(self, chunks: Iterable[Any]) -> None:
        gathered: list[Categories] = []
        names: list[Any] = []
        start = 0
        for chunk in map(as_data, chunks):
            if not start:
                names = chosen(chunk, self.columns, "texts")
                gathered = [Categories(label(chunk, place)) for place in places_of(chunk, names)]
            for name, categories in zip(names, gathered, strict=True):
                categories.add(column_values(chunk, name), start)
            start += len(chunk)
        if not start:
            raise DataError("label_encode needs at least 1 row to fit on. Received: 0")
        self.columns_ = names
        self.categories_ = [categories.sorted() for categories in gathered]

    @property
    def classes_(self) -> list[Any]:
        """The labels by their class number, where one column was encoded."""
        self.check_fitted()
        if len(self.categories_) != 1:
            raise DataError(f"{len(self.categories_)} columns were encoded: each has categories of its own")
        return self.categories_[0]

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        self.check_fitted()
        x = as_data(x)
        columns = []
        for name, place, known in zip(self.columns_, places_of(x, self.columns_), self.categories_, strict=True):
            values = column_values(x, name)
            require_no_gap(values, label(x, place))
            codes = codes_of(values, known)
            require_known(codes, values, known, label(x, place))
            columns.append(codes)
        return with_columns(x, self.columns_, np.stack(columns, 1)) if columns else x

    def inverse(self, x: Any) -> Any:
        self.check_fitted()
        x = as_data(x)
        if is_table(x):
            return self._table_back(x)
        if len(self.categories_) == 1:
            x = _chosen(x, len(self.classes_))
        columns = [
            self._labels(column_values(x, name), known, label(x, place))
            for name, place, known in zip(self.columns_, places_of(x, self.columns_), self.categories_, strict=True)
        ]
        if len(columns) == 1 and x.ndim == 1:
            return columns[0]
        return with_columns(x, self.columns_, np.stack([column.astype(object) for column in columns], 1))

    def _table_back(self, x: Any) -> Any:
        new = x.copy(deep=False)
        for name, place, known in zip(self.columns_, places_of(x, self.columns_), self.categories_, strict=True):
            new[x.columns[place]] = self._labels(column_values(x, name), known, label(x, place))
        return new

    def _labels(self, codes: Any, known: list[Any], name: str) -> Any:
        codes = np.asarray(codes)
        good = codes.dtype.kind in "biuf" and bool(
            ((codes == np.floor(codes)) & (codes >= 0) & (codes < len(known))).all()
        )
        if not good:
            raise DataError(
                f"{name + ': ' if name else ''}class numbers must be whole numbers from 0 to {len(known) - 1} "
                f"({listed(known)})"
            )
        labels = np.asarray(known) if not isinstance(known[0], str) else np.array(known, dtype=object)
        return labels[codes.astype(np.int64)]


def _chosen(x: Any, k: int) -> Any:
    """Class numbers, where x holds probabilities: of k classes (n, k), or of the second of two (n, 1) or (n,)."""
    if x.ndim > 1 and x.shape[-1] == k > 1:
        return x.argmax(-1)
    if k == 2 and x.dtype.kind == "f" and x.size and x.min() >= 0 and x.max() <= 1:
        x = (x > 0.5).astype(np.int64)
    return x[..., 0] if x.ndim > 1 and x.shape[-1] == 1 else x


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"label_encode": LabelEncode}
