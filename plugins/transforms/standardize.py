"""Standardize: each column with mean 0 and standard deviation 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kexp.core.component import one_of
from kexp.core.transform import Transform
from kexp.errors import DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, checked_columns, chosen, matrix
from kexp_plugins.transforms.moments import Moments
from kexp_plugins.transforms.scaling import Scaling


class Standardize(Scaling):
    """(x - mean) / standard deviation, with those of the training data, for each column.

    `columns`: names, or numbers from 0; None is all columns of numbers. Of an array a column is a place on the last
    axis. `ddof` 0 divides the squares by n, as scikit-learn's StandardScaler, 1 by n - 1, as pandas. A column that is
    constant in the training data is only moved to 0: it is divided by 1, as in scikit-learn.
    Raises: DataError that names column and row (from 0) of a value that is missing or no number.
    """

    def __init__(self, columns: list[str | int] | None = None, ddof: int = 0) -> None:
        self.columns = checked_columns(columns)
        self.ddof = one_of("ddof", ddof, (0, 1))

    def fit(self, chunks: Iterable[Any]) -> None:
        moments, names, start = Moments(0), [], 0
        for chunk in map(as_data, chunks):
            if not start:
                names = chosen(chunk, self.columns, "numbers")
                moments = Moments(len(names))
            moments.add(matrix(chunk, names, start=start))
            start += len(chunk)
        if start <= self.ddof:
            least = "2 rows" if self.ddof else "1 row"
            raise DataError(f"standardize needs at least {least} to fit on. Received: {start}")
        variance = moments.squares / (moments.count - self.ddof)
        # what is left of a constant column is the rounding of its mean (scikit-learn's bound)
        eps = np.finfo(np.float64).eps
        noise = moments.count * eps * variance + (moments.count * moments.mean * eps) ** 2
        self.columns_ = names
        self.mean_ = moments.mean
        self.scale_ = np.where(variance <= noise, 1.0, np.sqrt(variance))

    @property
    def center(self) -> Any:
        return self.mean_

    @property
    def scale(self) -> Any:
        return self.scale_


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"standardize": Standardize}
