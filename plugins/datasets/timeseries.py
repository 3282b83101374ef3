"""TimeSeries: numbers in the order of time, from a text file."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.csv import CSV
from kexp_plugins.datasets.table import Table
from kexp_plugins.datasets.text_rows import text_rows

Array = np.ndarray[Any, Any]


class TimeSeries(Dataset):
    """A series in a text file (UTF-8, plain or gzipped): one row a step, all of them in the one split, 'train'.

    Shapes: x (t, d) of `dtype`, the `features` at each step, and y (t,) the `target` at the same step. They are for
    split=time, and for a pipeline that cuts windows or adds lags.
    Columns are names of the header, or numbers from 0, -1 being the last. `features`: all but `time`, the target
    among them, if None. `time`: a column of numbers or of dates (ISO 8601: 1949-01, 2024-03-01 12:30; another
    spelling is said by `time_format`, such as "%d.%m.%Y"); the steps are sorted by it. Without it the order is the
    file's. `separator`: one character, 'tab', or 'whitespace' for any run of blanks.
    Raises: MissingFileError; DataError with line and column where a cell is missing, text or not finite, a time cannot
    be read or stands twice, a row is too long or short, or a column is not there.
    """

    def __init__(
        self,
        path: str,
        target: str | int,
        features: list[str | int] | None = None,
        time: str | int | None = None,
        time_format: str | None = None,
        header: bool = True,
        separator: str = ",",
        dtype: Literal["float32", "float64"] = "float32",
    ) -> None:
        table = CSV(path, target, features, header, separator, dtype=dtype)  # checks what the two have in common
        if isinstance(target, list | tuple):
            raise ArgumentError(f"target must be one column's name or number. Received: {target!r}")
        if time is not None and (isinstance(time, bool) or not isinstance(time, str | int)):
            raise ArgumentError(f"time must be a column's name or number. Received: {time!r}")
        if time_format is not None and time is None:
            raise ArgumentError(f"time_format needs `time`, the column that it is for. Received: {time_format!r}")
        self.path, self.target, self.features = path, target, table.features
        self.time, self.time_format = time, time_format
        self.header, self.separator, self.dtype = header, table.separator, table.dtype

    def load(self) -> dict[str, Split]:
        table = Table(self.path, self.header, self.separator)
        targets = table.columns([self.target], "target")
        times = [] if self.time is None else table.columns([self.time], "time")
        if times == targets:
            raise ArgumentError(f"{table.name(times[0])} of {table.path} is both target and time")
        features = table.others(times) if self.features is None else table.columns(self.features, "features")
        try:
            x, y = table.read(features, targets, self.dtype)
        except DataError as error:
            hint = "" if times or "text" not in str(error) else "\nA column of dates is named with `time`."
            raise DataError(f"{error}{hint}") from error
        y = y[:, 0].astype(self.dtype)
        if times:
            order = self._order(table, times[0])
            x, y = x[order], y[order]
        return {"train": Split(x, y)}

    def _order(self, table: Table, column: int) -> Array:
        """The rows sorted by time."""
        rows = list(text_rows(table.path, table.separator))[1 if self.header else 0 :]
        lines, cells = [line for line, _ in rows], [row[column].strip() for _, row in rows]
        times = self._times(cells, lines, f"{table.path}: {table.name(column)}")
        order = np.argsort(times, kind="stable")
        twice = np.flatnonzero(times[order][1:] == times[order][:-1])
        if len(twice):
            first, second = order[twice[0]], order[twice[0] + 1]
            count = f"; {len(twice)} times stand there more than once" if len(twice) > 1 else ""
            raise DataError(
                f"{table.path}: {table.name(column)}: line {lines[second]} holds {cells[second]!r}, the time of "
                f"line {lines[first]}{count}. Keep one row for each time"
            )
        return order

    def _times(self, cells: list[str], lines: list[int], where: str) -> Array:
        """Times as numbers or dates."""
        import pandas  # at the door: slow to import

        given = pandas.Series(cells, dtype=object)
        how = self.time_format or "ISO8601"
        times: Any = pandas.to_datetime(given, format=how, errors="coerce", utc=True).dt.tz_localize(None)
        if self.time_format is None:
            numbers: Any = pandas.to_numeric(given, errors="coerce")
            times = numbers if numbers.isna().sum() <= times.isna().sum() else times
        bad = np.flatnonzero(np.asarray(times.isna()))
        if len(bad):
            what = f"holds {cells[bad[0]]!r}" if cells[bad[0]] else "has no value"
            wanted = (
                f"no time of the format {self.time_format!r}" if self.time_format else "neither number nor ISO date"
            )
            advice = "" if self.time_format else ". Another spelling is said by `time_format`"
            raise DataError(f"{where}: line {lines[bad[0]]} {what}, {wanted}{advice}")
        return np.asarray(times)


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"timeseries": TimeSeries}
