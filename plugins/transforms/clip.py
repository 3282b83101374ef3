"""Clip: numbers kept within limits."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.component import number
from kexp.core.transform import Transform
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, checked_columns, chosen, matrix, with_columns


class Clip(Transform):
    """Numbers below `low` become `low`, those above `high` become `high`; None is no limit.

    `columns`: names, or numbers from 0; None is all columns of numbers.
    Raises: DataError that names column and row (from 0) of a value that is missing or no number.
    """

    def __init__(
        self, low: float | None = None, high: float | None = None, columns: list[str | int] | None = None
    ) -> None:
        self.low = None if low is None else number("low", low)
        self.high = None if high is None else number("high", high)
        if self.low is None and self.high is None:
            raise ArgumentError("clip needs low, high or both")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ArgumentError(f"low must not be above high. Received: low={low!r}, high={high!r}")
        self.columns = checked_columns(columns)

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        x = as_data(x)
        names = chosen(x, self.columns, "numbers")
        return with_columns(x, names, np.clip(matrix(x, names), self.low, self.high))


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"clip": Clip}
