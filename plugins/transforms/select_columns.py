"""SelectColumns: some columns of a table or array, in the order asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, checked_columns, chosen, is_table, places_of


class SelectColumns(Transform):
    """The columns with these names or numbers (from 0; -1 is the last); others need not be there later.

    Raises: DataError that names a column which is not there.
    """

    learns = True

    def __init__(self, columns: list[str | int]) -> None:
        if columns is None:
            raise ArgumentError("columns must be a list of column names or numbers. Received: None")
        self.columns = checked_columns(columns)

    def fit(self, chunks: Iterable[Any]) -> None:
        for chunk in map(as_data, chunks):
            self.columns_ = chosen(chunk, self.columns, "all")
            return
        raise DataError("select_columns needs data to fit on")

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        self.check_fitted()
        return taken(as_data(x), self.columns_)

    def needed(self, columns: list[str]) -> list[str]:
        return [column for column in columns if column in self.columns_] if self.fitted else columns


def taken(x: Any, names: list[Any]) -> Any:
    """These columns of a table or an array."""
    places = places_of(x, names)
    if is_table(x):
        return x.iloc[:, places]
    return x if x.ndim == 1 else x[..., places]


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"select_columns": SelectColumns}
