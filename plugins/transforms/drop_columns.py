"""DropColumns: a table or array without some of its columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, checked_columns, chosen, listed
from kexp_plugins.transforms.select_columns import taken


class DropColumns(Transform):
    """All columns of the training data but these, by name or number (from 0; -1 is the last).

    Later data need not have the dropped columns.
    Raises: DataError that names a column which is not there, or if none is left.
    """

    learns = True

    def __init__(self, columns: list[str | int]) -> None:
        if columns is None:
            raise ArgumentError("columns must be a list of column names or numbers. Received: None")
        self.columns = checked_columns(columns)

    def fit(self, chunks: Iterable[Any]) -> None:
        for chunk in map(as_data, chunks):
            dropped = chosen(chunk, self.columns, "all")
            kept = [name for name in chosen(chunk, None, "all") if name not in dropped]
            if not kept:
                raise DataError(f"drop_columns leaves no column: there are only {listed(dropped)}")
            self.columns_ = kept
            return
        raise DataError("drop_columns needs data to fit on")

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        self.check_fitted()
        return taken(as_data(x), self.columns_)

    def needed(self, columns: list[str]) -> list[str]:
        return [column for column in columns if column in self.columns_] if self.fitted else columns


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"drop_columns": DropColumns}
