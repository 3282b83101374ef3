"""check_splitter: the contract of splitters."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.core.splitter import Indices, Splitter
from kexp.errors import DataError
from kexp.testing.config import require_round_trip
from kexp.testing.report import Subject, run_checks


@dataclass(frozen=True)
class SplitterCase:
    """A splitter under test, and what it splits."""

    make: Callable[[], Splitter]
    n: int
    labels: Any
    subject: Subject

    def rows(self, splitter: Splitter, subject: Subject | None = None) -> dict[str, Indices]:
        """The rows of each split."""
        with (subject or self.subject).at("rows").running():
            return splitter.rows(self.n, self.labels if splitter.needs_labels else None)


def check_splits(case: SplitterCase) -> None:
    """The splits that are declared, 'train' among them, are those that are made, in that order."""
    splitter = case.make()
    made = tuple(case.rows(splitter))
    case.subject.require("train" in splitter.splits, f"splits {splitter.splits} lack 'train'")
    case.subject.require(made == tuple(splitter.splits), f"declares the splits {splitter.splits}, makes {made}")


def check_rows(case: SplitterCase) -> None:
    """Each split has rows, as an array of whole numbers from 0 to n - 1; no row is in two places."""
    seen: dict[int, str] = {}
    for name, rows in case.rows(case.make()).items():
        subject = case.subject.at(name)
        whole = isinstance(rows, np.ndarray) and rows.ndim == 1 and rows.dtype.kind in "iu"
        subject.require(whole, "rows are not an array (m,) of whole numbers")
        subject.require(len(rows) > 0, "has no rows")
        subject.require(bool((rows >= 0).all() and (rows < case.n).all()), f"has rows outside of 0 to {case.n - 1}")
        for row in rows.tolist():
            subject.require(row not in seen, f"row {row} is also in {seen.get(row)!r}")
            seen[row] = name


def check_repeatable(case: SplitterCase) -> None:
    """The same arguments give the same rows, from one object and another, and whatever labels nobody looks at."""
    splitter = case.make()
    want = case.rows(splitter)
    _require_same(case.subject.at("second time"), case.rows(splitter), want)
    _require_same(case.subject.at("second object"), case.rows(case.make()), want)
    if not splitter.needs_labels:
        with case.subject.at("with labels").running():
            got = splitter.rows(case.n, case.labels)
        _require_same(case.subject.at("with labels"), got, want)


def check_too_few(case: SplitterCase) -> None:
    """A single row cannot be split: DataError."""
    splitter = case.make()
    if len(splitter.splits) < 2:
        return
    try:
        splitter.rows(1, case.labels[:1] if splitter.needs_labels else None)
    except DataError:
        return
    case.subject.fail("splits a single row, and raises no DataError")


def check_config(case: SplitterCase) -> None:
    """get_config survives JSON and makes a splitter that gives the same rows."""
    want = case.rows(case.make())

    def same(subject: Subject, twin: Splitter) -> None:
        _require_same(subject, case.rows(twin, subject), want)

    require_round_trip(case.subject, case.make(), same)


def _require_same(subject: Subject, got: dict[str, Indices], want: dict[str, Indices]) -> None:
    subject.require(list(got) == list(want), f"gives {', '.join(got)} instead of {', '.join(want)}")
    for name, rows in want.items():
        subject.require(np.array_equal(got[name], rows), f"the rows of {name!r} differ")


CHECKS: dict[str, Callable[[SplitterCase], None]] = {
    "splits": check_splits,
    "rows": check_rows,
    "repeatable": check_repeatable,
    "too few": check_too_few,
    "config": check_config,
}
"""The checks of check_splitter, by the names that `skip` takes."""


def check_splitter(
    make: Callable[[], Splitter], n: int = 60, labels: Any = None, *, skip: Collection[str] = ()
) -> None:
    """Fail unless the splitters that `make` gives keep the contract of splitters for `n` rows.

    `labels` (n,): three classes in turn, unless they are given. `skip`: names of checks to leave out (see CHECKS).

    Raises: AssertionError that names the class and what is wrong.
    """
    with Subject("the splitter's maker").running():
        subject = Subject(type(make()).__name__)
    labels = np.arange(n) % 3 if labels is None else labels
    run_checks("splitters", CHECKS, SplitterCase(make, n, labels, subject), skip)
