"""check_dataset: the contract of data sets."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp.core.source import is_source
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
    """The parts of a split, each with as many rows: inputs (of a table each column), targets, weights."""
    if isinstance(split.x, Mapping):
        inputs = [(f"x[{name!r}]", part) for name, part in split.x.items()]
    elif isinstance(split.x, list | tuple):
        inputs = [(f"x[{place}]", part) for place, part in enumerate(split.x)]
    else:
        inputs = [("x", split.x)]
    for name, part in [*inputs, ("y", split.y), ("sample_weight", split.sample_weight)]:
        if is_table(part):
            yield from ((f"{name}[{column!r}]", part.iloc[:, at]) for at, column in enumerate(part.columns))
        elif part is not None:
            yield name, part


def is_table(part: Any) -> bool:
    """Whether it is a DataFrame."""
    return hasattr(part, "iloc") and hasattr(part, "columns")


def blocks(column: Any) -> Iterator[Host]:
    """The rows of an array, a column of a table or a source, some at a time."""
    for start in range(0, len(column), BLOCK):
        if is_source(column):
            yield np.asarray(column.take(np.arange(start, min(start + BLOCK, len(column)))))
        elif hasattr(column, "iloc"):
            yield np.asarray(column.iloc[start : start + BLOCK])
        else:
            yield np.asarray(column[start : start + BLOCK])


def digests(splits: Mapping[str, Split]) -> dict[str, str]:
    """A digest of each part of each split: bytes, dtype and shape."""
    found = {}
    for split, data in splits.items():
        for name, column in columns(data):
            digest = hashlib.sha256()
            for block in blocks(column):
                digest.update(f"{getattr(column, 'dtype', block.dtype)}{block.shape}".encode())
                digest.update(_bytes(block))
            found[f"{split}.{name}"] = digest.hexdigest()
    return found


def _bytes(block: Host) -> Any:
    if block.dtype.kind == "O":  # nested arrays as lists: a long array's repr leaves out its middle
        return repr([value.tolist() if isinstance(value, np.ndarray) else value for value in block.flat]).encode()
    return np.ascontiguousarray(block).view(np.uint8).data if block.size else b""


def check_splits(case: DatasetCase) -> None:
    """The splits that are declared, 'train' among them, are those that are loaded, and none is empty."""
    declared, loaded = tuple(case.make().splits), case.first
    case.subject.require("train" in declared, f"splits {declared} lack 'train'")
    case.subject.require(set(declared) == set(loaded), f"declares the splits {declared}, loads {tuple(loaded)}")
    for name, split in loaded.items():
        case.subject.at(name).require(isinstance(split, Split), f"a {type(split).__name__}, not a Split")
        case.subject.at(name).require(len(split) > 0, "has no rows")


def check_tables(case: DatasetCase) -> None:
    """The columns of a table have different texts as names, and names and types are the same in all splits."""
    first: dict[str, Any] = {}
    for split, data in case.first.items():
        subject = case.subject.at(split)
        tables = {name: part for name, part in (("x", data.x), ("y", data.y)) if is_table(part)}
        for name, table in tables.items():
            names = list(table.columns)
            wrong = [column for column in names if not isinstance(column, str)]
            subject.require(not wrong, f"{name} has columns whose names are no texts: {wrong}")
            twice = sorted({column for column in names if names.count(column) > 1})
            subject.require(not twice, f"{name} has several columns named {', '.join(twice)}")
        types = {name: [*map(str, table.columns), *map(str, table.dtypes)] for name, table in tables.items()}
        first = first or {"split": split, "types": types}
        same = types == first["types"]
        subject.require(same, f"the columns, or their types, are not those of {first['split']}")


def check_lengths(case: DatasetCase) -> None:
    """Inputs, targets and weights of a split have the same number of rows; no value is NaN or None.

    In a table's columns of inputs, which a pipeline is to fill, values may be missing.
    """
    for split, data in case.first.items():
        for name, column in columns(data):
            subject = case.subject.at(f"{split}.{name}")
            subject.require(len(column) == len(data), f"{len(column)} rows instead of {len(data)}")
            if hasattr(column, "iloc") and name.startswith("x"):
                continue
            bad = sum(_count_missing(block) for block in blocks(column))
            subject.require(not bad, f"{bad} values are NaN" + (" or None" if _holds_objects(column) else ""))


def _holds_objects(column: Any) -> bool:
    return getattr(getattr(column, "dtype", None), "kind", "") == "O"


def _count_missing(block: Host) -> int:
    if block.dtype.kind == "O":
        return sum(value is None or (isinstance(value, float) and np.isnan(value)) for value in block.flat)
    return int(np.isnan(block).sum()) if block.dtype.kind in "fc" else 0


def check_sources(case: DatasetCase) -> None:
    """A source, which is read bit by bit, gives the rows that it is asked for, in that order: indices and slices."""
    for split, data in case.first.items():
        for name, column in columns(data):
            if not is_source(column):
                continue
            subject = case.subject.at(f"{split}.{name}")
            order = np.arange(len(column))[::-1][:BLOCK]
            order = np.concatenate([order, order[:1]])  # the same row twice, too
            with subject.running():
                got, rows = np.asarray(column.take(order)), np.concatenate(list(blocks(column)))
            subject.require(_same(got, rows[order]), "take(indices) does not give the rows in that order")
            with subject.running():
                piece = np.asarray(column.take(slice(1, BLOCK)))
            subject.require(_same(piece, rows[1:BLOCK]), "take(slice) does not give the rows of the slice")
            chunk = getattr(column, "chunk_rows", 1)
            subject.require(isinstance(chunk, int) and chunk > 0, f"chunk_rows is {chunk!r}, not a positive int")


def _same(got: Host, want: Host) -> bool:
    return got.shape == want.shape and bytes(_bytes(got)) == bytes(_bytes(want))


def check_repeatable(case: DatasetCase) -> None:
    """Loading gives the same bytes every time, from one object and another, whatever was done to what was loaded."""
    dataset = case.make()
    loaded = case.load(dataset)
    _require_same(case.subject.at("second object"), digests(loaded), case.digests)
    for split in loaded.values():
        for part in _parts(split):
            _write_to(part)
    again = digests(case.load(dataset))
    _require_same(case.subject.at("loaded again after the arrays were written to"), again, case.digests)


def _parts(split: Split) -> Iterator[Any]:
    x = split.x
    yield from x.values() if isinstance(x, Mapping) else x if isinstance(x, list | tuple) else [x]
    yield from (split.y, split.sample_weight)


def _write_to(part: Any) -> None:
    """Overwrite an array or a table where it stands; a source is left alone."""
    if is_table(part):
        for at in range(part.shape[1]):
            part.isetitem(at, [part.iloc[-1, at]] * len(part))
    elif hasattr(part, "iloc"):
        part.iloc[:] = part.iloc[-1]
    elif isinstance(part, np.ndarray) and part.flags.writeable and part.size:
        part.fill(part.flat[-1])  # an assignment would spread a list of numbers over the rows


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
    "tables": check_tables,
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
