"""Rescale: y = x * scale + offset."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import settings
from kexp.core.component import number
from kexp.core.transform import Transform
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, chosen, is_table, matrix, with_columns


class Rescale(Transform):
    """Numbers multiplied by `scale`, then moved by `offset`; either may be a list, one for each of the last axis.

    Arrays of whole numbers (bytes of images) become floats of the usual kind (float32). Of a table all columns of
    numbers are rescaled. Pixels to 0 ... 1: scale 1/255, or 0.00392156862745098 in a config.
    Raises: DataError if a table's column of numbers holds texts or misses values.
    """

    def __init__(self, scale: float | list[float], offset: float | list[float] = 0.0) -> None:
        self.scale = _numbers("scale", scale)
        self.offset = _numbers("offset", offset)
        if not np.all(np.asarray(self.scale)):
            raise ArgumentError(f"scale must not be 0. Received: {scale!r}")

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        return self._applied(x, lambda values, scale, offset: values * scale + offset)

    def inverse(self, x: Any) -> Any:
        return self._applied(x, lambda values, scale, offset: (values - offset) / scale)

    def _applied(self, x: Any, formula: Any) -> Any:
        x = as_data(x)
        if is_table(x):
            names = chosen(x, None, "numbers")
            values = matrix(x, names)
            return with_columns(x, names, formula(values, *self._factors(values.dtype)))
        if x.dtype.kind not in "biuf":
            x = matrix(x, chosen(x, None, "all")).reshape(x.shape)
        if x.dtype.kind != "f":
            x = x.astype(settings.floatx())
        return formula(x, *self._factors(x.dtype))

    def _factors(self, dtype: Any) -> tuple[Any, Any]:
        listed = [np.asarray(value, dtype=dtype) if isinstance(value, list) else value
                  for value in (self.scale, self.offset)]  # fmt: skip
        return listed[0], listed[1]


def _numbers(name: str, value: Any) -> float | list[float]:
    if isinstance(value, list | tuple):
        return [number(name, item) for item in value]
    return number(name, value)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"rescale": Rescale}
