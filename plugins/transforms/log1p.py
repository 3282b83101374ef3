"""Log1p: log(1 + x)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.transform import Transform
from kexp.errors import DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.bad_values import at
from kexp_plugins.transforms.columns import as_data, checked_columns, chosen, label, matrix, places_of, with_columns


class Log1p(Transform):
    """The natural logarithm of 1 + x, for columns whose large values lie far apart; `inverse` is exp(x) - 1.

    `columns`: names, or numbers from 0; None is all columns of numbers.
    Raises: DataError that names column and row (from 0) of a value that is missing, no number, or not above -1.
    """

    def __init__(self, columns: list[str | int] | None = None) -> None:
        self.columns = checked_columns(columns)

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        x = as_data(x)
        names = chosen(x, self.columns, "numbers")
        values = matrix(x, names)
        if values.size and values.min() <= -1:
            column = int(np.flatnonzero((values <= -1).any(0))[0])
            first = int(np.flatnonzero(values[:, column] <= -1)[0])
            place = at(label(x, places_of(x, names)[column]), first // max(1, len(values) // len(x)))
            raise DataError(f"{place}: log1p needs values above -1. Received: {values[first, column]:g}")
        return with_columns(x, names, np.log1p(values))

    def inverse(self, x: Any) -> Any:
        x = as_data(x)
        names = chosen(x, self.columns, "numbers")
        return with_columns(x, names, np.expm1(matrix(x, names)))


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"log1p": Log1p}
