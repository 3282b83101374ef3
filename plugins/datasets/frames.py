"""Arrays as pandas' tables, for data sets that give either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def to_frame(x: Any, columns: Sequence[str]) -> Any:
    """The array (n, d) as a DataFrame with these columns."""
    import pandas  # at the door: slow to import

    return pandas.DataFrame(x, columns=list(columns))


def to_series(y: Any, name: str) -> Any:
    """The array (n,) as a Series of that name."""
    import pandas  # at the door: slow to import

    return pandas.Series(y, name=name)
