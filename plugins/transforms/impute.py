"""Impute: missing values filled in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from kexp.core.component import one_of
from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.bad_values import is_text, missing_rows
from kexp_plugins.transforms.columns import (
    as_data,
    checked_columns,
    chosen,
    column_values,
    is_table,
    label,
    matrix,
    places_of,
    table_names,
)
from kexp_plugins.transforms.moments import Moments

STRATEGIES = ("mean", "median", "most_frequent", "constant")


class Impute(Transform):
    """Missing values (NaN, None) of a column become its mean, median or most frequent value in the training data.

    `columns` None: all, for mean and median all columns of numbers. Of equally frequent values the smallest is taken.
    "constant" fills in `value`, into columns of its own kind: numbers or texts; without one, 0 and "missing".
    `add_indicator` adds a column Age_missing of 0 and 1 for each column with gaps in the training data. Medians need
    all values at once: the fit holds the chosen columns in memory.
    Raises: DataError that names a column without any value, or a text in a column of numbers.
    """

    learns = True

    def __init__(
        self,
        columns: list[str | int] | None = None,
        strategy: Literal["mean", "median", "most_frequent", "constant"] = "mean",
        value: float | str | None = None,
        add_indicator: bool = False,
    ) -> None:
        self.columns = checked_columns(columns)
        self.strategy = one_of("strategy", strategy, STRATEGIES)
        if value is not None and strategy != "constant":
            raise ArgumentError(f'value is for strategy "constant". Received: value={value!r}, strategy={strategy!r}')
        self.value, self.add_indicator = value, add_indicator

    def fit(self, chunks: Iterable[Any]) -> None:
        learner, names, start = _Learner(self, [], []), [], 0
        for chunk in map(as_data, chunks):
            if not start:
                names = chosen(chunk, self.columns, self._default())
                learner = _Learner(self, names, [label(chunk, place) for place in places_of(chunk, names)])
            learner.add(chunk, start)
            start += len(chunk)
        if not start:
            raise DataError("impute needs at least 1 row to fit on. Received: 0")
        fill = learner.fill()
        self.columns_, self.fill_ = names, fill
        self.indicators_ = [name for name, gaps in zip(names, learner.gaps, strict=True) if gaps and self.add_indicator]

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        self.check_fitted()
        x = as_data(x)
        gaps = {name: missing_rows(column_values(x, name)) for name in self.columns_}
        made = self._table(x, gaps) if is_table(x) else self._array(x, gaps)
        if not self.indicators_:
            return made
        flags = {name: gaps[name].astype(np.float64) for name in self.indicators_}
        if is_table(x):
            made = made.assign(**{f"{name}_missing": flag for name, flag in flags.items()})
            return made if len(table_names(made)) == x.shape[1] + len(flags) else _taken(x, flags)
        return np.concatenate([made.reshape(len(x), -1), np.stack(list(flags.values()), 1).astype(made.dtype)], 1)

    def _default(self) -> Literal["all", "numbers", "texts"]:
        if self.strategy in ("mean", "median"):
            return "numbers"
        return "all" if self.value is None else "texts" if isinstance(self.value, str) else "numbers"

    def _table(self, x: Any, gaps: dict[Any, Any]) -> Any:
        new = x.copy(deep=False)
        for name, place, fill in zip(self.columns_, places_of(x, self.columns_), self.fill_, strict=True):
            column = x.iloc[:, place]
            if self.strategy in ("mean", "median") and is_text(column):  # numbers among None
                column = column.astype("float64") if matrix(x, [name], missing=True).size else column
            if gaps[name].any():
                if str(column.dtype) == "category":  # which takes no new value
                    column = column.astype(object)
                whole = getattr(column.dtype, "kind", "") in "iu" and fill != int(fill)
                column = (column.astype("float64") if whole else column).fillna(fill).infer_objects()
            new[x.columns[place]] = column
        return new

    def _array(self, x: Any, gaps: dict[Any, Any]) -> Any:
        new = x.reshape(-1, 1).copy() if x.ndim == 1 else x.reshape(-1, x.shape[-1]).copy()
        for name, place, fill in zip(self.columns_, places_of(x, self.columns_), self.fill_, strict=True):
            new[gaps[name], place] = fill
        return new.reshape(x.shape)


class _Learner:
    """What is gathered of each column during the fit."""

    def __init__(self, impute: Impute, names: list[Any], labels: list[str]) -> None:
        self.strategy, self.value, self.names, self.labels = impute.strategy, impute.value, names, labels
        self.gaps = [0] * len(names)
        self.moments = Moments(len(names))
        self.parts: list[Any] = []
        self.counts: list[Counter[Any]] = [Counter() for _ in names]
        self.texts = [False] * len(names)

    def add(self, chunk: Any, start: int) -> None:
        """Take in a chunk of rows."""
        if self.strategy in ("mean", "median"):
            values = matrix(chunk, self.names, start=start, missing=True)
            self.gaps = [old + int(new) for old, new in zip(self.gaps, np.isnan(values).sum(0), strict=True)]
            if self.strategy == "median":
                self.parts.append(values)
            self.moments.add(values)
            return
        for place, name in enumerate(self.names):
            values = column_values(chunk, name)
            gaps = missing_rows(values)
            self.gaps[place] += int(gaps.sum())
            known = values[~gaps]
            self.texts[place] |= values.dtype.kind in "OUS" and any(isinstance(value, str) for value in known[:1])
            if self.strategy == "most_frequent":
                self.counts[place].update(known.tolist())

    def fill(self) -> list[Any]:
        """What each column's gaps are filled with."""
        if self.strategy == "constant":
            return [self._constant(place) for place in range(len(self.names))]
        counts: list[float] = [sum(count.values()) for count in self.counts]
        if self.strategy in ("mean", "median"):
            counts = self.moments.count.tolist()
        for name, count in zip(self.labels, counts, strict=True):
            if not count:
                raise DataError(f"{name or 'the data'}: all values are missing, so there is none to fill in. "
                                'Leave the column out (drop_columns), or use strategy "constant"')  # fmt: skip
        if self.strategy == "mean":
            return list(self.moments.mean.tolist())
        if self.strategy == "median":
            return list(np.nanmedian(np.concatenate(self.parts).astype(np.float64), 0).tolist())
        return [_most_frequent(count) for count in self.counts]

    def _constant(self, place: int) -> Any:
        text = self.texts[place]
        if self.value is None:
            return "missing" if text else 0
        if isinstance(self.value, str) != text:
            kinds = ("texts", "a number") if text else ("numbers", "a text")
            raise DataError(f"{self.labels[place]} holds {kinds[0]}, and value={self.value!r} is {kinds[1]}")
        return self.value


def _most_frequent(counts: Counter[Any]) -> Any:
    most = max(counts.values())
    tied = [value for value, count in counts.items() if count == most]
    return min(tied, key=lambda value: ("" if isinstance(value, int | float) else type(value).__name__, value))


def _taken(x: Any, flags: dict[Any, Any]) -> Any:
    taken = [f"{name}_missing" for name in flags if f"{name}_missing" in table_names(x)]
    raise DataError(f"the table has a column {taken[0]!r} already, so no indicator of that name can be added")


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"impute": Impute}
