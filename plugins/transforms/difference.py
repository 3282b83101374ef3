"""Difference: by how much each number of a series has changed."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.component import positive_int
from kexp.core.transform import Transform
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, checked_columns, chosen, matrix, with_columns
from kexp_plugins.transforms.steps import cut, paired, require_steps


class Difference(Transform):
    """x[t] - x[t - lag] of a series in the order of time; 1 takes a trend away, 12 the season of monthly data.

    `columns`: names, or numbers from 0; None is all columns of numbers, others stay as they are. The first `lag` rows
    have nothing to be compared with and drop out, of the targets too.
    Raises: DataError that names column and row (from 0) of a value that is missing or no number, or if the series has
    no more than `lag` steps.

    >>> import numpy as np
    >>> Difference().transform(np.array([1.0, 4.0, 9.0])).tolist()
    [3.0, 5.0]
    """

    keeps_rows = False

    def __init__(self, lag: int = 1, columns: list[str | int] | None = None) -> None:
        self.lag = positive_int("lag", lag)
        self.columns = checked_columns(columns)

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        x = as_data(x)
        require_steps(x, self.lag, f"difference with lag {self.lag}")
        names = chosen(x, self.columns, "numbers")
        values = matrix(x, names)
        rows = len(values) // len(x)  # of the last axis, in one step
        changes = values[self.lag * rows :] - values[: -self.lag * rows]
        return with_columns(cut(x, slice(self.lag, None)), names, changes)

    def pair(self, x: Any, y: Any) -> tuple[Any, Any]:
        return self.transform(x), None if y is None else cut(paired(as_data(x), y), slice(self.lag, None))


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"difference": Difference}
