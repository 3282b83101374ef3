"""CSV: numbers from a text file, chosen columns as features and target."""

from __future__ import annotations

import os
from typing import Any, Literal

import numpy as np

from kexp.core.component import fraction, one_of
from kexp.core.dataset import Dataset, Split
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.mixed_table import read_frame
from kexp_plugins.datasets.splitting import check_seed, split_rows, train_test_rows
from kexp_plugins.datasets.table import Table

EXACT_INTEGERS = 2.0**53
"""Below this every integer is a float64."""


class CSV(Dataset):
    """A table of numbers in a text file (UTF-8, plain or gzipped): one row a sample.

    Shapes: x (n, d) of `dtype`; y (n,), or (n, k) where `target` is a list; int64 if all its values are integers,
    else of `dtype`. True and False count as 1 and 0.
    Columns are names of the header, or numbers from 0, -1 being the last. `features`: all but the target, if None.
    `text` names columns that hold texts, `missing` those whose cells may be empty; with either, or `as_frame`, x is a
    DataFrame for a pipeline that makes numbers of them, and y a Series.
    `separator`: one character, 'tab', or 'whitespace' for any run of blanks.
    A `test_fraction` of the rows (rounded up), shuffled by `seed`, is the test split: the rows of scikit-learn's
    train_test_split. With 0 there is no test split and the order is the file's.
    Raises: MissingFileError; DataError if the target has one value only, or with line and column where any other cell
    is missing, text or not finite, a row is too long or short, or a column is not there.
    """

    def __init__(
        self,
        path: str,
        target: str | int | list[str | int],
        features: list[str | int] | None = None,
        header: bool = True,
        separator: str = ",",
        test_fraction: float = 0.0,
        seed: int = 0,
        dtype: Literal["float32", "float64"] = "float32",
        text: list[str | int] | None = None,
        missing: list[str | int] | None = None,
        as_frame: bool = False,
    ) -> None:
        if not path or not isinstance(path, str | os.PathLike):
            raise ArgumentError(f"path must be the name of a file. Received: {path!r}")
        if not isinstance(header, bool):
            raise ArgumentError(f"header must be true or false. Received: {header!r}")
        self.path = path
        self.target = target
        self.targets = _columns("target", target if isinstance(target, list | tuple) else [target])
        self.features = None if features is None else _columns("features", features)
        self.header = header
        self.separator = _separator(separator)
        self.test_fraction = fraction("test_fraction", test_fraction)
        self.seed = check_seed(seed)
        self.dtype = one_of("dtype", dtype, ("float32", "float64"))
        self.text = [] if not text else _columns("text", text)
        self.missing = [] if not missing else _columns("missing", missing)
        self.as_frame = as_frame or bool(self.text or self.missing)
        self.splits = ("train", "test") if self.test_fraction else ("train",)

    def load(self) -> dict[str, Split]:
        table = Table(self.path, self.header, self.separator)
        targets = table.columns(self.targets, "target")
        features = table.others(targets) if self.features is None else table.columns(self.features, "features")
        for column in features:
            if column in targets:
                raise ArgumentError(f"{table.name(column)} of {table.path} is both target and feature")
        x, y = self._frames(table, features, targets) if self.as_frame else table.read(features, targets, self.dtype)
        y = y if self.as_frame else self._as_target(y)
        _check_varied(y, table, targets)
        if not self.test_fraction:
            return {"train": Split(x, y)}
        train, test = train_test_rows(len(x), self.test_fraction, self.seed, str(table.path))
        return {"train": split_rows(x, y, train), "test": split_rows(x, y, test)}

    def _frames(self, table: Table, features: list[int], targets: list[int]) -> tuple[Any, Any]:
        """Features and targets as a DataFrame each, a single target as a Series."""
        texts, may_miss = table.columns(self.text, "text"), table.columns(self.missing, "missing")
        frame = read_frame(table, [*features, *targets], texts, may_miss)
        x, y = frame.iloc[:, : len(features)], frame.iloc[:, len(features) :]
        return x, y if isinstance(self.target, list | tuple) else y.iloc[:, 0]

    def _as_target(self, y: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        integral = np.abs(y).max() < EXACT_INTEGERS and (y == np.rint(y)).all()
        y = y.astype(np.int64 if integral else self.dtype)
        return y if isinstance(self.target, list | tuple) else y[:, 0]


def _check_varied(y: Any, table: Table, targets: list[int]) -> None:
    """Raise DataError where a target has the same value in all rows: there is one class only."""
    values = np.asarray(y)
    if len(targets) == 1 and len(values) > 1 and (values == values[:1]).all():
        value = values.ravel()[0]
        raise DataError(
            f"{table.path}: {table.name(targets[0])} holds {value!s} in all {len(values)} rows, one class only; "
            "a target needs two values or more"
        )


def _columns(argument: str, columns: Any) -> list[str | int]:
    """`columns`, if it is a list of names and numbers with something in it."""
    good = isinstance(columns, list | tuple) and all(
        isinstance(column, str | int) and not isinstance(column, bool) for column in columns
    )
    if not good or not columns:
        what = "a column's name or number, or a list of them" if argument == "target" else "a list of names or numbers"
        raise ArgumentError(f"{argument} must be {what}. Received: {columns!r}")
    return list(columns)


def _separator(separator: Any) -> str:
    """`separator`, if rows can be cut at it."""
    word = separator in ("whitespace", "tab")
    single = isinstance(separator, str) and len(separator) == 1
    if not word and (not single or separator.isalnum() or separator in '"\r\n.+-'):
        raise ArgumentError(f"separator must be one character, 'tab' or 'whitespace'. Received: {separator!r}")
    return str(separator)


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"csv": CSV}
