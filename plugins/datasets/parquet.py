"""Parquet: tables in Parquet files, read by row groups, so that they may be larger than memory."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np

from kexp.core.component import one_of
from kexp.core.dataset import Dataset, Split
from kexp.core.source import Rows
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.hookspecs import hookimpl

KEPT_GROUPS = 4
"""Row groups that stay in memory after they were read: neighbouring blocks need the same ones again."""


class Parquet(Dataset):
    """A table in a Parquet file: one row a sample, row groups read when they are needed.

    Shapes: x (n, d) and y (n,), or (n, k) where `target` is a list. x is a table with the names of its columns, texts
    and missing values as they are, where `as_table` is true (for a pipeline); else numbers of `dtype`. y has the
    column's own dtype, or is a column of texts. `features`: all but the target, if None. target null: no targets.
    Training shuffles within groups of row groups; write a large file with row groups of a few thousand rows.
    Needs pyarrow: pip install "kexp[parquet]".
    Raises: MissingFileError; DataError if the file is damaged, a column is missing, holds texts where numbers are
    needed, or a number that is read is missing or not finite.
    """

    def __init__(
        self,
        path: str,
        target: str | list[str] | None = None,
        features: list[str] | None = None,
        as_table: bool = False,
        dtype: str = "float32",
    ) -> None:
        if not path or not isinstance(path, str | os.PathLike):
            raise ArgumentError(f"path must be the name of a file. Received: {path!r}")
        self.path = path
        self.target, self.features, self.as_table = target, features, as_table
        self.dtype = one_of("dtype", dtype, ("float32", "float64"))

    def load(self) -> dict[str, Split]:
        file = _File(Path(self.path).expanduser())
        targets = [] if self.target is None else [self.target] if isinstance(self.target, str) else list(self.target)
        file.check(targets, "target")
        features = [name for name in file.names if name not in targets] if self.features is None else self.features
        file.check(features, "features")
        both = [name for name in features if name in targets]
        if both or not features:
            told = f"column {both[0]!r} is both target and feature" if both else "no column is left for the features"
            raise ArgumentError(f"{file.path}: {told}")
        x = ParquetSource(file, features, self.as_table, np.dtype(self.dtype))
        if not targets:
            return {"train": Split(x)}
        return {"train": Split(x, ParquetSource(file, targets, False, None, squeeze=isinstance(self.target, str)))}


class ParquetSource:
    """Some columns of a Parquet file."""

    def __init__(
        self, file: _File, columns: list[str], table: bool, kind: np.dtype[Any] | None, *, squeeze: bool = False
    ) -> None:
        self._file, self.columns, self._table, self._kind, self._squeeze = file, columns, table, kind, squeeze
        whole = len(file.starts) - 1 <= KEPT_GROUPS  # then all of them stay in memory
        self.chunk_rows = 1 if whole else file.group_rows
        self._groups: OrderedDict[int, Any] = OrderedDict()
        self._lock = threading.Lock()
        if kind is not None and not table:
            file.check_numbers(columns)

    def __len__(self) -> int:
        return int(self._file.starts[-1])

    def take(self, rows: Rows) -> Any:
        """The rows as a table, or as an array (n, d); (n,) for a single target.

        Raises: DataError that names the row and the column of a number that is missing or not finite.
        """
        n = len(self)
        places = np.arange(*rows.indices(n)) if isinstance(rows, slice) else np.asarray(rows, dtype=np.int64)
        if places.size and (places.min() < 0 or places.max() >= n):
            raise IndexError(f"{self._file.path} has {n} rows. Received rows {places.min()} to {places.max()}")
        groups = np.searchsorted(self._file.starts, places, "right") - 1
        parts, order = [], np.argsort(groups, kind="stable")
        for group in np.unique(groups):
            inside = places[order][groups[order] == group] - self._file.starts[group]
            data = self._group(int(group))
            parts.append(data.iloc[inside] if self._table else data[inside])
        if not parts:
            data = self._group(0)
            return data.iloc[:0] if self._table else data[:0]
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        if not self._table:
            return (np.concatenate(parts) if len(parts) > 1 else parts[0])[back]
        import pandas  # at the door: slow to import

        return (pandas.concat(parts) if len(parts) > 1 else parts[0]).iloc[back]

    def _group(self, group: int) -> Any:
        with self._lock:
            found = self._groups.get(group)
            if found is None:
                found = self._groups[group] = self._read(group)
                if len(self._groups) > KEPT_GROUPS:
                    self._groups.popitem(last=False)
            self._groups.move_to_end(group)
            return found

    def _read(self, group: int) -> Any:
        table = self._file.read(group, self.columns)
        start = int(self._file.starts[group])
        if self._table:
            return table.set_axis(range(start, start + len(table)), axis=0)
        columns = [self._numbers(table[name], name, start) for name in self.columns]
        return columns[0] if self._squeeze else np.stack(columns, axis=1)

    def _numbers(self, column: Any, name: str, start: int) -> np.ndarray[Any, Any]:
        missing = np.flatnonzero(column.isna().to_numpy())
        if len(missing):
            raise DataError(
                f"{self._file.path}: row {start + missing[0]}, column {name!r} is missing. Fill it or leave the row "
                "out; with as_table: true a pipeline step such as impute can do so"
            )
        values = np.asarray(column.to_numpy())
        values = values if self._kind is None else values.astype(self._kind)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            place = int(np.flatnonzero(~np.isfinite(values))[0])
            raise DataError(f"{self._file.path}: row {start + place}, column {name!r} holds {values[place]}")
        return values


class _File:
    """An open Parquet file: its columns, and where its row groups start."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise MissingFileError(f"the Parquet file {path} is not there")
        try:
            from pyarrow import ArrowInvalid, parquet, types  # at the door: an optional and large library
        except ImportError as error:
            raise DataError('to read Parquet files pyarrow is needed: pip install "kexp[parquet]"') from error
        self._errors, self._types = (ArrowInvalid, OSError), types
        try:
            self._file = parquet.ParquetFile(path)
        except self._errors as error:
            raise DataError(f"{path} is not a Parquet file, or it is damaged or cut off: {error}") from error
        sizes = [self._file.metadata.row_group(i).num_rows for i in range(self._file.metadata.num_row_groups)]
        self.starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
        if not self.starts[-1]:
            raise DataError(f"{path} has no rows")
        self.group_rows = max(sizes)
        self.names = [field.name for field in self._file.schema_arrow if not field.name.startswith("__index_level_")]
        self._lock = threading.Lock()

    def check(self, columns: list[str], argument: str) -> None:
        """Raise DataError for the first column that is not there."""
        for name in columns:
            if name not in self.names:
                there = ", ".join(self.names)
                raise DataError(f"{self.path} has no column {name!r}, asked for as {argument}. It has: {there}")

    def check_numbers(self, columns: list[str]) -> None:
        """Raise DataError for the first column that holds no numbers."""
        kinds = self._types
        for name in columns:
            kind = self._file.schema_arrow.field(name).type
            if not (kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_boolean(kind)):
                raise DataError(
                    f"{self.path}: column {name!r} holds values of type {kind}, and numbers are needed. Leave it out "
                    "of `features`, or set as_table: true and turn it into numbers in a pipeline"
                )

    def read(self, group: int, columns: list[str]) -> Any:
        """A row group as a table."""
        with self._lock:  # a Parquet reader is not for several threads
            try:
                return self._file.read_row_group(group, columns=columns).to_pandas(ignore_metadata=True)
            except self._errors as error:
                raise DataError(f"{self.path}: row group {group} is damaged: {error}") from error


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"parquet": Parquet}
