"""check_dataset: the contract of data sets."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp.testing.arrays import Host
from kexp.testing.config import require_round_trip
from kexp.testing.report import Subject, run_checks

BLOCK = 4096  # rows read at once from a source


@dataclass(frozen=True)
class DatasetCase:
    """A data set under test."""

    make: Callable[[], Dataset]
    first: Mapping[str, Split]
    duplicates: float
    subject: Subject

    @functools.cached_property
    def digests(self) -> dict[str, str]:
        """Digests of what was loaded first."""
        return digests(self.first)

    def load(self, dataset: Dataset | None = None, subject: Subject | None = None) -> dict[str, Split]:
        """The splits of a new data set, or of the given one."""
        with (subject or self.subject).at("load").running():
            return (dataset or self.make()).load()


def columns(split: Split) -> Iterator[tuple[str, Any]]:
    """The parts of a split, each with as many rows: inputs, targets, weights."""
    if isinstance(split.x, Mapping):
        yield from ((f"x[{name!r}]", part) for name, part in split.x.items())
    elif isinstance(split.x, list):
        yield from ((f"x[{place}]", part) for place, part in enumerate(split.x))
    else:
        yield "x", split.x
    for name in ("y", "sample_weight"):
        if getattr(split, name) is not None:
            yield name, getattr(split, name)


def blocks(column: Any) -> Iterator[Host]:
    """The rows of an array or a source, some at a time."""
    for start in range(0, len(column), BLOCK):
        if hasattr(column, "take") and not isinstance(column, np.ndarray):
            yield np.asarray(column.take(np.arange(start, min(start + BLOCK, len(column)))))
        else:
            yield np.asarray(column[start : start + BLOCK])


def digests(splits: Mapping[str, Split]) -> dict[str, str]:
    """A digest of each part of each split: bytes, dtype and shape."""
    found = {}
    for split, data in splits.items():
        for name, column in columns(data):
            digest = hashlib.sha256()
            for block in blocks(column):
                digest.update(f"{block.dtype}{block.shape}".encode())
                digest.update(_bytes(block))
            found[f"{split}.{name}"] = digest.hexdigest()
    return found


def _bytes(block: Host) -> Any:
    if block.dtype.kind == "O":
        return repr(block.tolist()).encode()
    return np.ascontiguousarray(block).view(np.uint8).data if block.size else b""


def check_splits(case: DatasetCase) -> None:
    """The splits that are declared, 'train' among them, are those that are loaded, and none is empty."""
    declared, loaded = tuple(case.make().splits), case.first
    case.subject.require("train" in declared, f"splits {declared} lack 'train'")
    case.subject.require(set(declared) == set(loaded), f"declares the splits {declared}, loads {tuple(loaded)}")
    for name, split in loaded.items():
        case.subject.at(name).require(isinstance(split, Split), f"a {type(split).__name__}, not a Split")
        case.subject.at(name).require(len(split) > 0, "has no rows")


def check_lengths(case: DatasetCase) -> None:
    """Inputs, targets and weights of a split have the same number of rows, and no number is NaN."""
    for split, data in case.first.items():
        for name, column in columns(data):
            subject = case.subject.at(f"{split}.{name}")
            subject.require(len(column) == len(data), f"{len(column)} rows instead of {len(data)}")
            bad = sum(int(np.isnan(block).sum()) for block in blocks(column) if block.dtype.kind in "fc")
            subject.require(not bad, f"{bad} values are NaN")


def check_sources(case: DatasetCase) -> None:
    """A source, which is read bit by bit, gives the rows that it is asked for, in that order."""
    for split, data in case.first.items():
        for name, column in columns(data):
            if isinstance(column, np.ndarray) or not hasattr(column, "take"):
                continue
            order = np.arange(len(column))[::-1][:BLOCK]
            with case.subject.at(f"{split}.{name}").running():
                got, rows = np.asarray(column.take(order)), np.concatenate(list(blocks(column)))
            same = got.shape == rows[order].shape and np.array_equal(got, rows[order])
            case.subject.at(f"{split}.{name}").require(same, "take(indices) does not give the rows in that order")


def check_repeatable(case: DatasetCase) -> None:
    """Loading gives the same bytes every time, from one object and another, whatever was done to what was loaded."""
    dataset = case.make()
    loaded = case.load(dataset)
    _require_same(case.subject.at("second object"), digests(loaded), case.digests)
    for split in loaded.values():
        for _, column in columns(split):
            if isinstance(column, np.ndarray) and column.flags.writeable and column.size:
                column[...] = column.flat[-1]
    again = digests(case.load(dataset))
    _require_same(case.subject.at("loaded again after the arrays were written to"), again, case.digests)


def check_disjoint(case: DatasetCase) -> None:
    """A row of one split is not in another, but for the share of duplicates that is allowed."""
    if len(case.first) < 2:
        return
    rows = {name: set(_row_digests(split)) for name, split in case.first.items()}
    names = list(rows)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            both = len(rows[first] & rows[second])
            share = both / max(min(len(rows[first]), len(rows[second])), 1)
            said = f"{both} rows are in both, a share of {share:.3g}; allowed are {case.duplicates:g}"
            case.subject.at(f"{first} and {second}").require(share <= case.duplicates, said)


def _row_digests(split: Split) -> Iterator[bytes]:
    parts = [blocks(column) for name, column in columns(split) if name != "sample_weight"]
    for together in zip(*parts, strict=True):
        for row in zip(*together, strict=True):
            yield hashlib.blake2b(b"".join(bytes(_bytes(np.atleast_1d(part))) for part in row), digest_size=16).digest()


def check_config(case: DatasetCase) -> None:
    """get_config survives JSON and makes a data set that gives the same bytes."""

    def same(subject: Subject, twin: Dataset) -> None:
        _require_same(subject, digests(case.load(twin, subject)), case.digests)

    require_round_trip(case.subject, case.make(), same)


def _require_same(subject: Subject, got: dict[str, str], want: dict[str, str]) -> None:
    subject.require(got.keys() == want.keys(), f"gives {', '.join(got)} instead of {', '.join(want)}")
    for name, digest in want.items():
        subject.require(got[name] == digest, f"{name} differs")


CHECKS: dict[str, Callable[[DatasetCase], None]] = {
    "splits": check_splits,
    "lengths": check_lengths,
    "sources": check_sources,
    "repeatable": check_repeatable,
    "disjoint": check_disjoint,
    "config": check_config,
}
"""The checks of check_dataset, by the names that `skip` takes."""


def check_dataset(make: Callable[[], Dataset], *, duplicates: float = 0.0, skip: Collection[str] = ()) -> None:
    """Fail unless the data sets that `make` gives keep the contract of data sets.

    `duplicates`: the share of a split's rows that may stand in another split too, because the source holds them
    twice. `skip`: names of checks to leave out (see CHECKS).

    Raises: AssertionError that names the class, the split and what differs; MissingFileError where the data are
    not on the machine.
    """
    with Subject("the data set's maker").running():
        made = make()
    first = made.load()  # outside of any check: missing files are no fault of the data set
    run_checks("data sets", CHECKS, DatasetCase(make, first, duplicates, Subject(type(made).__name__)), skip)
