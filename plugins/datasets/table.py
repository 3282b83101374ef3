"""Table: a text file of rows, its columns by name or number, its numbers as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kexp.core.files import open_data
from kexp.errors import ArgumentError, DataError, MissingFileError, nearest
from kexp_plugins.datasets.bad_cells import check_widths, explain, is_number
from kexp_plugins.datasets.text_rows import WHITESPACE, check_text, text_rows

CHUNK_ROWS = 50_000
SHOWN_NAMES = 30
SEPARATORS = {";": "';'", "\t": "tab", "|": "'|'", ",": "','", " ": "whitespace"}
"""Likely separators, and how they are written in a config."""

Array = np.ndarray[Any, Any]


class Table:
    """A text file of rows, plain or gzipped, that all have the same number of cells.

    `names`: the header's names, None where there is no header. `width`: the number of columns.
    Raises: MissingFileError; DataError if the file is empty, is no text, or its header cannot be one.
    """

    def __init__(self, path: str, header: bool, separator: str) -> None:
        self.path = Path(path).expanduser()
        self.header = header
        self.separator = {"whitespace": WHITESPACE, "tab": "\t"}.get(separator, separator)
        if not self.path.is_file():
            raise MissingFileError(_missing_text(self.path))
        check_text(self.path)
        rows = text_rows(self.path, self.separator)
        self._first = next(rows, (0, []))[1]
        self._second = next(rows, (0, []))[1]
        self.width = len(self._first)
        self.names = [cell.strip() for cell in self._first] if header else None
        if not self._first:
            raise DataError(f"{self.path}: the file is empty")
        if header:
            self._check_header()

    def columns(self, chosen: Sequence[str | int], argument: str) -> list[int]:
        """The numbers (from 0) of the chosen columns, which are names of the header, or numbers (-1 is the last).

        Raises: DataError, which names `argument`, if there is no such column; ArgumentError if one is named twice.
        """
        found = [self._column(column, argument) for column in chosen]
        for place, column in enumerate(found):
            if column in found[:place]:
                raise ArgumentError(f"{argument} names {self.name(column)} twice. Received: {list(chosen)!r}")
        return found

    def others(self, columns: Sequence[int]) -> list[int]:
        """All columns but these.

        Raises: DataError if none is left, or one of them has no name or another's in the header.
        """
        left = [column for column in range(self.width) if column not in columns]
        if not left:
            raise DataError(f"{self.path} has no column besides the target{self._hint()}")
        for column in left if self.header else ():
            if not self._first[column].strip():
                raise DataError(
                    f"{self.path}: column {column} has no name in the header, as when pandas wrote its index along. "
                    "Say with `features` which columns to use, or write the file without it (index=False)"
                )
            self._check_unique(self._first[column].strip())
        return left

    def name(self, column: int) -> str:
        """How to call a column in an error."""
        return f"column {self.names[column]!r}" if self.names else f"column {column}"

    def read(self, features: Sequence[int], targets: Sequence[int], dtype: str) -> tuple[Array, Array]:
        """Features (n, d) of `dtype` and targets (n, k) in float64.

        Raises: DataError that says where, if cells are missing, text or not finite, or rows are too long or short.
        """
        if len(self._second) > self.width:  # pandas takes the first row of data as long as it is
            check_widths(self.path, self.separator)
        x, y = [], []
        ends_missing = False
        try:
            for chunk in self._chunks(features, targets, dtype):
                x.append(chunk[features].to_numpy(dtype))
                y.append(chunk[targets].to_numpy("float64"))
                ends_missing = ends_missing or bool(chunk[self.width - 1].isna().any())
        except DataError:
            raise
        except ValueError as error:  # of pandas: a text, or a row too long
            self._explain([*features, *targets], dtype, str(error))
        if ends_missing:  # an empty last cell, or a row too short: pandas fills it up
            check_widths(self.path, self.separator)
        features_read, targets_read = np.ascontiguousarray(np.concatenate(x)), np.concatenate(y)
        for values in (features_read, targets_read):
            if not np.isfinite(values).all() or np.abs(values).max() > np.finfo(dtype).max:
                self._explain([*features, *targets], dtype, "not all numbers are finite")
        return features_read, targets_read

    def cells(self, columns: Sequence[int]) -> Any:
        """The cells of these columns as texts, a DataFrame whose columns are the numbers."""
        import pandas  # at the door: slow to import

        with open_data(self.path) as file:
            return pandas.read_csv(
                file,
                sep=self.separator,
                header=0 if self.header else None,
                names=range(self.width),
                usecols=list(columns),
                dtype=str,
                keep_default_na=False,
                encoding_errors="replace",
            )

    def _chunks(self, features: Sequence[int], targets: Sequence[int], dtype: str) -> Iterator[Any]:
        import pandas  # at the door: slow to import

        with open_data(self.path) as file, np.errstate(over="ignore"):
            # all columns, not `usecols`: only then does pandas notice rows that are too long (in every chunk since 3.1)
            yield from pandas.read_csv(
                file,
                sep=self.separator,
                header=0 if self.header else None,
                names=range(self.width),
                dtype=dict.fromkeys(features, dtype) | dict.fromkeys(targets, "float64"),
                encoding_errors="replace",
                chunksize=CHUNK_ROWS,
                low_memory=False,
            )

    def _explain(self, columns: Sequence[int], dtype: str, reason: str) -> None:
        names = {column: self.name(column) for column in sorted(columns)}
        explain(self.path, self.separator, header=self.header, names=names, dtype=dtype)
        raise DataError(f"{self.path}: {reason}")

    def _check_header(self) -> None:
        if all(is_number(cell) for cell in self._first):
            raise DataError(
                f"{self.path}: the first line holds numbers only ({_listed(self._first[:5])}), so it is no header. "
                "If the file has none: header: false"
            )
        if not self._second:
            raise DataError(f"{self.path}: the file has a header and no rows")

    def _column(self, column: str | int, argument: str) -> int:
        if isinstance(column, int):
            if not -self.width <= column < self.width:
                raise DataError(
                    f"{argument}: {self.path} has no column {column}; its {self.width} columns are numbered "
                    f"0 to {self.width - 1}{self._hint()}"
                )
            return column % self.width
        if self.names is None:
            raise DataError(
                f"{argument}: {self.path} is read without a header (header: false), so columns go by their numbers, "
                f"0 to {self.width - 1}. Received: {column!r}"
            )
        if column not in self.names:
            near = nearest(column, self.names)
            raise DataError(
                f"{argument}: {self.path} has no column {column!r}{self._hint()}.\n"
                + (f"Did you mean {near!r}?\n" if near else "")
                + f"Columns: {_listed(self.names)}."
            )
        self._check_unique(column)
        return self.names.index(column)

    def _check_unique(self, name: str) -> None:
        places = [str(place) for place, other in enumerate(self.names or ()) if other == name]
        if len(places) > 1:
            raise DataError(f"{self.path}: the header gives the name {name!r} to the columns {' and '.join(places)}")

    def _hint(self) -> str:
        """What to say where a file seems to have a single column because its separator is another."""
        if self.width > 1:
            return ""
        other = next((written for mark, written in SEPARATORS.items() if mark in self._first[0].strip()), None)
        return f" (is it separated by something else? Try separator: {other})" if other else ""


def _listed(names: Sequence[str]) -> str:
    more = len(names) - SHOWN_NAMES
    return ", ".join(names[:SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")


def _missing_text(path: Path) -> str:
    if path.is_dir():
        return f"{path} is a folder, not a file"
    text = f"no such file: {path}" + ("" if path.is_absolute() else f" (in {Path.cwd()})")
    siblings = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
    near = nearest(path.name, siblings)
    return text + (f". Did you mean {path.parent / near}?" if near else "")
