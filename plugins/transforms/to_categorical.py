"""ToCategorical: class numbers as one-hot rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kexp.backend import settings
from kexp.core.component import positive_int
from kexp.core.transform import Transform
from kexp.errors import DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import as_data, chosen, matrix


class ToCategorical(Transform):
    """Class numbers (n,) or (n, 1) from 0 as rows (n, k) with a 1 at their place, in floatx.

    k is `num_classes`, or the training data's largest class number plus 1. `inverse` is the place of each row's
    largest value.
    Raises: DataError that names the row of a class number that is too large, negative, not whole or missing.
    """

    learns = True

    def __init__(self, num_classes: int | None = None) -> None:
        self.num_classes = None if num_classes is None else positive_int("num_classes", num_classes)

    def fit(self, chunks: Iterable[Any]) -> None:
        largest, start = -1, 0
        for chunk in chunks:
            numbers = _class_numbers(chunk, start)
            largest, start = max(largest, int(numbers.max(initial=-1))), start + len(numbers)
        if not start:
            raise DataError("to_categorical needs at least 1 row to fit on. Received: 0")
        self.n_classes_ = self.num_classes or largest + 1

    @property
    def fitted(self) -> bool:
        return self.num_classes is not None or super().fitted

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        self.check_fitted()
        k = self.num_classes or self.n_classes_
        numbers = _class_numbers(x, 0)
        if numbers.max(initial=-1) >= k:
            row = int(np.flatnonzero(numbers >= k)[0])
            raise DataError(f"row {row}: there are {k} classes, numbered 0 to {k - 1}. Received: {numbers[row]}")
        rows = np.zeros((len(numbers), k), dtype=settings.floatx())
        rows[np.arange(len(numbers)), numbers] = 1
        return rows

    def inverse(self, x: Any) -> Any:
        x = np.asarray(x)
        k = self.num_classes or getattr(self, "n_classes_", None)
        if x.ndim != 2 or (k is not None and x.shape[1] != k):
            raise DataError(f"rows of {k or 'k'} values, one for each class, are needed. Received: {x.shape}")
        return x.argmax(1)


def _class_numbers(x: Any, start: int) -> Any:
    """int64 (n,)."""
    data = as_data(x)
    values = matrix(data, chosen(data, None, "all"), start=start)
    if values.shape != (len(data), 1):
        raise DataError(f"class numbers (n,) or (n, 1) are needed. Received: {np.shape(x)}")
    numbers = values[:, 0].astype(np.int64)
    wrong = (numbers != values[:, 0]) | (numbers < 0)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DataError(
            f"row {start + row}: class numbers are whole numbers from 0. Received: {values[row, 0]:g}. "
            "Labels of another kind become such numbers by label_encode"
        )
    return numbers


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"to_categorical": ToCategorical}
