"""RobustScale: each column less its median, divided by the distance between its quartiles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kexp.core.transform import Transform
from kexp.errors import DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, checked_columns, chosen, matrix
from kexp_plugins.transforms.scaling import Scaling


class RobustScale(Scaling):
    """(x - median) / (upper quartile - lower quartile), which outliers hardly move, as scikit-learn's RobustScaler.

    `columns`: names, or numbers from 0; None is all columns of numbers. Where the quartiles are the same the column
    is divided by 1. Quartiles need all values at once: the fit holds those of the chosen columns in memory.
    Raises: DataError that names column and row (from 0) of a value that is missing or no number.
    """

    def __init__(self, columns: list[str | int] | None = None) -> None:
        self.columns = checked_columns(columns)

    def fit(self, chunks: Iterable[Any]) -> None:
        names: list[Any] = []
        parts: list[Any] = []
        start = 0
        for chunk in map(as_data, chunks):
            if not start:
                names = chosen(chunk, self.columns, "numbers")
            parts.append(matrix(chunk, names, start=start))
            start += len(chunk)
        if not start:
            raise DataError("robust_scale needs at least 1 row to fit on. Received: 0")
        values = np.concatenate(parts).astype(np.float64, copy=False)
        lower, median, upper = np.percentile(values, (25, 50, 75), axis=0)
        span = upper - lower
        self.columns_, self.median_ = names, median
        self.scale_ = np.where(span < 10 * np.finfo(np.float64).eps, 1.0, span)

    @property
    def center(self) -> Any:
        return self.median_

    @property
    def scale(self) -> Any:
        return self.scale_


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"robust_scale": RobustScale}
