"""Time: the last rows test, those before them validate, the first ones train."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.splitter import Indices, Splitter
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.splitters.sizes import check_counts, check_sum, rows_of, share


class Time(Splitter):
    """Rows in their order: first those that train, then `validation`, at the end `test`.

    Both are fractions of all rows (rounded up) or counts. `gap` rows between two splits are not used, so that nothing
    a window of the earlier one reaches over lies in the later one.
    Raises: DataError if no row is left for training.
    """

    def __init__(self, test: float | int = 0.2, validation: float | int = 0.0, gap: int = 0) -> None:
        self.test = share("test", test)
        self.validation = share("validation", validation)
        if not self.test and not self.validation:
            raise ArgumentError("a split by time needs rows to set aside: test or validation must be above 0")
        check_sum(validation=self.validation, test=self.test)
        if isinstance(gap, bool) or not isinstance(gap, int) or gap < 0:
            raise ArgumentError(f"gap must be a whole number of rows, 0 or more. Received: {gap!r}")
        self.gap = gap
        named = (("train", 1), ("validation", self.validation), ("test", self.test))
        self.splits = tuple(name for name, size in named if size)

    def rows(self, n: int, labels: np.ndarray[Any, Any] | None = None) -> dict[str, Indices]:
        sizes = {"validation": rows_of(self.validation, n), "test": rows_of(self.test, n)}
        gaps = self.gap * (len(self.splits) - 1)
        n_train = n - sum(sizes.values()) - gaps
        if n_train < 1 and gaps:
            raise DataError(
                f"{n} rows leave none for training (validation {sizes['validation']}, test {sizes['test']}, "
                f"{gaps} in gaps). Ask for smaller splits, or get more data"
            )
        check_counts(n, **{"train": n_train, **sizes})
        found, start = {"train": np.arange(n_train)}, n_train
        for name in self.splits[1:]:
            start += self.gap
            found[name] = np.arange(start, start + sizes[name])
            start += sizes[name]
        return found


@hookimpl
def kexp_splitters() -> dict[str, type[Splitter]]:
    return {"time": Time}
