"""Rows of cells in a text file, with the numbers of their lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from kexp.core.files import open_data
from kexp.errors import DataError

WHITESPACE = r"\s+"
"""The separator that stands for any run of blanks and tabs."""


def text_rows(path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of `path`, each with the number (from 1) of its first line; blank lines are left out.

    Bytes that are not UTF-8 become U+FFFD, which is refused where texts are data.
    """
    with open_data(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
        lines = (" ".join(line.split()) + "\n" for line in text) if separator == WHITESPACE else text
        reader = csv.reader(lines, delimiter=" " if separator == WHITESPACE else separator)
        line = 1
        try:
            for cells in reader:
                if len(cells) > 1 or any(cell.strip() for cell in cells):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise DataError(f"{path}, line {line}: {error}") from error


def check_text(path: Path) -> None:
    """Raise DataError if the file is not plain text: an archive, a workbook, UTF-16, an array file."""
    with open_data(path) as file:
        if b"\0" in file.read(4096):
            raise DataError(f"{path}: this is not a text file in UTF-8. Save it as CSV (UTF-8), plain or gzipped")
