"""Lags: earlier values of a series as columns of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, checked_columns, chosen, is_table, matrix, places_of, table_names
from kexp_plugins.transforms.steps import cut, paired, require_steps


class Lags(Transform):
    """For each column its values `steps` steps earlier, in columns behind all others: a_lag1, a_lag2, ..., b_lag1, ...

    `columns`: names, or numbers from 0; None is all columns of numbers. With `keep` false the columns themselves go:
    their value at the same step is not to be had where it is what is predicted. A series (t,) counts as (t, 1). The
    first rows, as many as the largest step, have no earlier values and drop out, of the targets too.
    Raises: DataError that names column and row (from 0) of a value that is missing or no number, or if the series is
    too short.

    >>> import numpy as np
    >>> Lags([1, 2]).transform(np.array([1.0, 2.0, 3.0, 4.0])).tolist()
    [[3.0, 2.0, 1.0], [4.0, 3.0, 2.0]]
    """

    keeps_rows = False

    def __init__(
        self, steps: list[int] | tuple[int, ...] = (1, 2, 3), columns: list[str | int] | None = None, keep: bool = True
    ) -> None:
        good = isinstance(steps, list | tuple) and all(type(step) is int and step > 0 for step in steps)
        if not good or not steps or len(set(steps)) < len(steps):
            raise ArgumentError(f"steps must be a list of different whole numbers above 0. Received: {steps!r}")
        self.steps = steps
        self.columns = checked_columns(columns)
        if not isinstance(keep, bool):
            raise ArgumentError(f"keep must be true or false. Received: {keep!r}")
        self.keep = keep

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        x = as_data(x)
        reach = max(self.steps)
        require_steps(x, reach, f"lags of {reach} steps")
        if not is_table(x) and x.ndim > 2:
            raise DataError(f"lags needs a table, or an array (t,) or (t, d). Received: an array of shape {x.shape}")
        names = chosen(x, self.columns, "numbers")
        values = matrix(x, names)
        earlier = [values[reach - step : len(x) - step] for step in self.steps]
        added = np.stack(earlier, -1).reshape(len(x) - reach, -1)  # column by column, in each step by step
        kept = cut(x, slice(reach, None))
        if is_table(x):
            return self._table(kept, names, added)
        kept = kept.reshape(len(kept), -1)
        if not self.keep:
            kept = np.delete(kept, places_of(x, names), axis=1)
        return np.concatenate([kept, added], axis=1).astype(values.dtype, copy=False)

    def pair(self, x: Any, y: Any) -> tuple[Any, Any]:
        return self.transform(x), None if y is None else cut(paired(as_data(x), y), slice(max(self.steps), None))

    def _table(self, kept: Any, names: list[Any], added: Any) -> Any:
        import pandas  # at the door: slow to import

        places = places_of(kept, names)
        called = [f"{kept.columns[place]}_lag{step}" for place in places for step in self.steps]
        new = pandas.DataFrame(added, columns=called, index=kept.index)
        if not self.keep:
            kept = kept.drop(columns=[kept.columns[place] for place in places])
        made = pandas.concat([kept, new], axis=1)
        table_names(made)  # a new column may have an old one's name
        return made


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"lags": Lags}
