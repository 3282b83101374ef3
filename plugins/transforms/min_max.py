"""MinMax: each column moved and stretched from its smallest and largest value to a given range."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kexp.core.component import number
from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, checked_columns, chosen, matrix
from kexp_plugins.transforms.scaling import Scaling


class MinMax(Scaling):
    """A column's smallest value in the training data becomes `low`, its largest `high`, as in MinMaxScaler.

    `columns`: names, or numbers from 0; None is all columns of numbers. Other data may go beyond the range, unless
    `clip`. A column that is constant in the training data becomes `low`.
    Raises: DataError that names column and row (from 0) of a value that is missing or no number.
    """

    def __init__(
        self, columns: list[str | int] | None = None, low: float = 0.0, high: float = 1.0, clip: bool = False
    ) -> None:
        self.columns = checked_columns(columns)
        self.low, self.high, self.clip = number("low", low), number("high", high), clip
        if self.low >= self.high:
            raise ArgumentError(f"low must be below high. Received: low={low!r}, high={high!r}")

    def fit(self, chunks: Iterable[Any]) -> None:
        names: list[Any] = []
        least = most = None
        start = 0
        for chunk in map(as_data, chunks):
            if not start:
                names = chosen(chunk, self.columns, "numbers")
            values = matrix(chunk, names, start=start).astype(np.float64, copy=False)
            start += len(chunk)
            if len(values):
                least = values.min(0) if least is None else np.minimum(least, values.min(0))
                most = values.max(0) if most is None else np.maximum(most, values.max(0))
        if least is None or most is None:
            raise DataError("min_max needs at least 1 row to fit on. Received: 0")
        self.columns_, self.min_, self.max_ = names, least, most

    @property
    def center(self) -> Any:
        return self.min_ - self.low * self.scale

    @property
    def scale(self) -> Any:
        span = self.max_ - self.min_
        return np.where(span < 10 * np.finfo(np.float64).eps, 1.0, span) / (self.high - self.low)

    def limited(self, scaled: Any) -> Any:
        return np.clip(scaled, self.low, self.high) if self.clip else scaled


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"min_max": MinMax}
