"""Steps of a series: its numbers as an array, and targets that are cut as it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.errors import DataError
from kexp_plugins.transforms.columns import as_data, chosen, is_table, matrix

Values = np.ndarray[Any, Any]


def steps_of(x: Any) -> Values:
    """The numbers of a series: a table (t, d), an array (t,) as (t, 1), one with more axes as it is.

    Raises: DataError that names column and row of a value that is missing or no number.
    """
    x = as_data(x)
    values = matrix(x, chosen(x, None, "all"))
    if is_table(x):
        return values
    numbers = x if x.dtype.kind in "biuf" else values.reshape(x.shape)
    return numbers.reshape(len(x), -1) if x.ndim == 1 else numbers


def paired(x: Any, y: Any) -> Any:
    """The targets `y` of the steps of `x`.

    Raises: DataError if there are more or fewer, or one is missing.
    """
    if len(x) != len(y):
        raise DataError(f"every step of a series needs a target. Received: {len(x)} steps and {len(y)} targets")
    values = np.asarray(y)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        row = int(np.argwhere(~np.isfinite(values.reshape(len(values), -1)))[0][0])
        found = "missing" if np.isnan(values[row]).any() else "infinite"
        raise DataError(f"row {row} of the targets: the value is {found}. Fill it in or leave the step out beforehand")
    return y


def cut(y: Any, steps: slice) -> Any:
    """These steps of an array or a table."""
    return y.iloc[steps] if hasattr(y, "iloc") else np.asarray(y)[steps]


def require_steps(x: Any, reach: int, what: str) -> None:
    """Raise DataError unless the series has a step more than `what` reaches back."""
    if len(x) <= reach:
        raise DataError(f"{what} needs a series of at least {reach + 1} steps. Received: {len(x)}")
