"""Says what is wrong with a table of numbers: the slow reading, cell by cell, after the fast one has failed."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kexp.errors import DataError
from kexp_plugins.datasets.text_rows import text_rows

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None")
"""Cells that stand for a missing value."""

NOT_UTF8 = "\ufffd"
"""What bytes that are not UTF-8 are read as."""

BOOLEANS = ("True", "TRUE", "true", "False", "FALSE", "false")
SHOWN_COLUMNS = 10
SHOWN_CHARACTERS = 40


@dataclass
class Fault:
    """What is wrong with cells of one column: the first of them, and how many there are."""

    column: int
    line: int
    what: str
    is_text: bool
    count: int = 1

    def __str__(self) -> str:
        return f"line {self.line} {self.what}" + (f"; {self.count} such cells" if self.count > 1 else "")


def checked_rows(path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of the file.

    Raises: DataError at the first row that has more or fewer cells than the first.
    """
    first_line, width = 0, 0
    for line, cells in text_rows(path, separator):
        if not width:
            first_line, width = line, len(cells)
        if len(cells) != width:
            count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            raise DataError(f"{path}, line {line}: a row of {count}, where line {first_line} has {width}")
        yield line, cells


def check_widths(path: Path, separator: str) -> None:
    """Raise DataError at the first row that has more or fewer cells than the first."""
    for _ in checked_rows(path, separator):
        pass


def explain(
    path: Path,
    separator: str,
    *,
    header: bool,
    names: Mapping[int, str],
    dtype: str,
    texts: Collection[int] = (),
    may_miss: Collection[int] = (),
) -> None:
    """Raise DataError that lists every fault in the columns `names` (number -> how to call it); return if none.

    `dtype`: the kind of floats that the numbers have to fit into. In columns of `texts` any text is right, in those of
    `may_miss` an empty cell.
    """
    fine = {column: {"text", "infinite", "too large"} if column in texts else set[str]() for column in names}
    for column in may_miss:
        fine.setdefault(column, set()).add("missing")
    largest = float(np.finfo(dtype).max)
    faults: dict[tuple[int, str], Fault] = {}
    first = 0
    for row, (line, cells) in enumerate(checked_rows(path, separator)):
        if header and not row:
            continue
        first = first or line
        for column in names:
            kind = _kind_of_fault(cells[column], largest)
            if kind == "text" and NOT_UTF8 in cells[column] and kind in fine[column]:
                kind = "not UTF-8"
            kind = "" if kind in fine[column] else kind
            if kind and (fault := faults.get((column, kind))):
                fault.count += 1
            elif kind:
                faults[column, kind] = Fault(column, line, _words(kind, cells[column], dtype), kind == "text")
    if faults:
        listed = sorted(faults.values(), key=lambda fault: (fault.column, fault.line))
        raise DataError(_report(path, listed, names) + ("" if header else _header_hint(listed, names, first)))


def is_number(cell: str) -> bool:
    """Whether the cell holds a number, finite or not, in the spelling that is read."""
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and "_" not in cell  # Python's own float takes 1_000 and digits of other scripts


def _kind_of_fault(cell: str, largest: float) -> str:
    """'' if the cell is a number to be used, else 'missing', 'text', 'infinite' or 'too large'."""
    if not is_number(cell):
        text = cell.strip()
        return "missing" if text in MISSING else "" if text in BOOLEANS else "text"
    value = abs(float(cell))
    if value <= largest:
        return ""
    if math.isnan(value):
        return "missing"
    return "infinite" if "n" in cell.lower() else "too large"


def _words(kind: str, cell: str, dtype: str) -> str:
    shown = repr(cell if len(cell) <= SHOWN_CHARACTERS else cell[:SHOWN_CHARACTERS] + "...")
    return {
        "not UTF-8": f"holds {shown}, which is not UTF-8: save the file in this encoding",
        "missing": "has no value" + (f" ({shown})" if cell.strip() else ""),
        "text": f"holds the text {shown}",
        "infinite": f"holds {shown}, which is not finite",
        "too large": f"holds {shown}, too large for {dtype}",
    }[kind]


def _report(path: Path, faults: list[Fault], names: Mapping[int, str]) -> str:
    lines = [f"{path}: not all cells can be used:"]
    lines += [f"  {names[fault.column]}: {fault}" for fault in faults[:SHOWN_COLUMNS]]
    if len(faults) > SHOWN_COLUMNS:
        lines.append(f"  and {len(faults) - SHOWN_COLUMNS} more")
    lines.append("Correct the file, choose columns of numbers with `features` and `target`, or say which columns hold")
    lines.append("texts (`text`) or may be empty (`missing`), for a pipeline that makes numbers of them.")
    faulty = {fault.column for fault in faults}
    sound = [name.removeprefix("column ") for column, name in names.items() if column not in faulty]
    if sound and len(sound) <= 3 * SHOWN_COLUMNS:
        lines.append(f"Without a fault: {', '.join(sound)}.")
    return "\n".join(lines)


def _header_hint(faults: list[Fault], names: Mapping[int, str], first: int) -> str:
    """What to say where every column begins with a text."""
    begins = [fault for fault in faults if fault.is_text and fault.line == first]
    return f"\nLine {first} looks like a header. If it is one: header: true." if len(begins) == len(names) else ""
