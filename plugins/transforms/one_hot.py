"""OneHot: a column of 0 and 1 for each category."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from kexp.backend import settings
from kexp.core.component import one_of
from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.categories import Categories, codes_of, require_known, require_no_gap
from kexp_plugins.transforms.columns import (
    as_data,
    checked_columns,
    chosen,
    column_values,
    is_table,
    label,
    places_of,
    table_names,
)

ADVICE = '. To write such rows as zeros: handle_unknown="ignore"'


class OneHot(Transform):
    """For each category of a column, sorted, a column that is 1 in its rows and 0 elsewhere.

    In a table the new columns stand in the place of the old one and are called Geography_Germany; None means all
    columns of texts. In an array (n, d) of columns by number, they stand there too. `drop="first"` leaves out the
    first category of each column, "if_binary" only of those with two. With `handle_unknown="ignore"` values that were
    not in the training data are zeros everywhere.
    Raises: DataError that names column, row and value, if it is missing, or unknown.
    """

    learns = True

    def __init__(
        self,
        columns: list[str | int] | None = None,
        drop: Literal["first", "if_binary"] | None = None,
        handle_unknown: Literal["error", "ignore"] = "error",
    ) -> None:
        self.columns = checked_columns(columns)
        self.drop = one_of("drop", drop, (None, "first", "if_binary"))
        self.handle_unknown = one_of("handle_unknown", handle_unknown, ("error", "ignore"))

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
            raise DataError("one_hot needs at least 1 row to fit on. Received: 0")
        self.columns_ = names
        self.categories_ = [categories.sorted() for categories in gathered]

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        self.check_fitted()
        x = as_data(x)
        places = places_of(x, self.columns_)
        blocks = {place: self._block(x, column, place) for column, place in enumerate(places)}
        return self._table(x, blocks) if is_table(x) else _array(x, blocks)

    def inverse(self, x: Any) -> Any:
        """Of the columns (n, k) of one encoded column, or probabilities, the category of the largest."""
        self.check_fitted()
        if len(self.categories_) != 1 or self.drop is not None or np.ndim(x) != 2:
            raise ArgumentError("one_hot can be undone for one column alone, and without drop")
        known = self.categories_[0]
        if np.shape(x)[1] != len(known):
            raise DataError(f"one_hot: {len(known)} columns are needed, one a category. Received: {np.shape(x)[1]}")
        labels = np.array(known, dtype=object if isinstance(known[0], str) else None)
        return labels[np.asarray(x).argmax(1)]

    def _kept(self, column: int) -> list[Any]:
        """The categories of a column that get a column of their own."""
        known = self.categories_[column]
        drops = self.drop == "first" or (self.drop == "if_binary" and len(known) == 2)
        return known[1:] if drops else known

    def _block(self, x: Any, column: int, place: int) -> Any:
        """(n, k) of the kept categories."""
        values, known = column_values(x, self.columns_[column]), self.categories_[column]
        if self.handle_unknown == "error":
            require_no_gap(values, label(x, place))
        codes = codes_of(values, known)
        if self.handle_unknown == "error":
            require_known(codes, values, known, label(x, place), ADVICE)
        kept = np.arange(len(known) - len(self._kept(column)), len(known))
        return (codes[:, None] == kept).astype(settings.floatx())

    def _table(self, x: Any, blocks: dict[int, Any]) -> Any:
        import pandas  # at the door: slow to import

        parts: list[Any] = []
        whole, names = list(blocks), table_names(x)
        for place in range(len(names)):
            if place in blocks:
                called = [f"{names[place]}_{category}" for category in self._kept(whole.index(place))]
                parts.append(pandas.DataFrame(blocks[place], columns=called, index=x.index))
            else:
                parts.append(x.iloc[:, [place]])
        made = pandas.concat(parts, axis=1)
        table_names(made)  # a new column may have an old one's name
        return made


def _array(x: Any, blocks: dict[int, Any]) -> Any:
    if x.ndim > 2:
        raise DataError(f"one_hot needs an array of rows (n,) or (n, d). Received: an array of shape {x.shape}")
    rows = x.reshape(len(x), -1)
    parts = [blocks[place] if place in blocks else rows[:, [place]] for place in range(rows.shape[1])]
    return np.concatenate(parts, axis=1)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"one_hot": OneHot}
