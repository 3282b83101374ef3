"""Reshape: each row's numbers in another shape."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, chosen, is_table, matrix


class Reshape(Transform):
    """Rows (n, ...) as (n, *shape); one size may be -1 and is worked out. A table becomes an array of numbers first.

    Raises: DataError if the number of values in a row does not fit, or a table holds texts.
    """

    def __init__(self, shape: list[int]) -> None:
        sizes = [shape] if isinstance(shape, int) and not isinstance(shape, bool) else shape
        good = isinstance(sizes, list | tuple) and all(
            isinstance(size, int) and not isinstance(size, bool) and (size > 0 or size == -1) for size in sizes
        )
        if not good or sum(size == -1 for size in sizes) > 1:
            raise ArgumentError(f"shape must be positive sizes, one of which may be -1. Received: {shape!r}")
        self.shape = tuple(sizes)

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        x = as_data(x)
        if is_table(x):
            x = matrix(x, chosen(x, None, "all"))
        wanted, there = math.prod(size for size in self.shape if size > 0), math.prod(x.shape[1:])
        if (there % wanted if -1 in self.shape else there - wanted) or (-1 in self.shape and not there):
            raise DataError(f"rows of shape {x.shape[1:]} ({there} values) cannot take the shape {self.shape}")
        sizes = [there // wanted if size == -1 else size for size in self.shape]
        return x.reshape(len(x), *sizes)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"reshape": Reshape}
