"""check_dataset passes good data sets, and each check fails on one that is broken in just that way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kexp.core.dataset import Dataset, Split
from kexp.errors import MissingFileError
from kexp.testing import check_dataset
from kexp.testing.dataset import CHECKS


class Spirals(Dataset):
    """A good data set."""

    splits = ("train", "test")

    def __init__(self, noise: float = 0.1, seed: int = 0) -> None:
        self.noise = noise
        self.seed = seed

    def load(self):
        rng = np.random.default_rng(self.seed)
        x = self.noise * rng.standard_normal((30, 2))
        y = rng.integers(0, 2, 30)
        return {"train": Split(x[:20], y[:20]), "test": Split(x[20:], y[20:])}


class Source:
    """Rows read bit by bit."""

    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def take(self, indices):
        return self.rows[indices]


class Streamed(Spirals):
    """A good data set of sources."""

    source = Source

    def load(self):
        return {name: Split(self.source(split.x), split.y) for name, split in super().load().items()}


class Parts(Dataset):
    """A good data set of several inputs, weights and texts."""

    def load(self):
        x = np.arange(12.0).reshape(6, 2)
        words = np.array(["a", "b", "c", "d", "e", "f"], dtype=object)
        return {"train": Split({"left": x, "right": [*x] and x * 2, "words": words}, None, np.ones(6))}


class Lists(Spirals):
    """A good data set of two inputs in a list."""

    def load(self):
        return {name: Split([split.x, split.x * 2], split.y) for name, split in super().load().items()}


class Table(Spirals):
    """A good data set of tables: numbers, texts, categories, some of them missing."""

    def load(self):
        return {
            name: Split(self.table(split), pd.Series(split.y, name="left")) for name, split in super().load().items()
        }

    def table(self, split):
        n = len(split.x)
        town = ["Ulm", None, "Aachen", "Köln"]
        table = {"size": split.x[:, 0], "town": [town[i % 4] for i in range(n)], "rank": np.arange(n) % 5}
        frame = pd.DataFrame(table, index=np.arange(100, 100 + n)).astype({"rank": "category"})
        frame.loc[101, "size"] = np.nan
        return frame


class Texts(Spirals):
    """A good data set of texts in an object array."""

    def load(self):
        return {name: Split(self.texts(split), split.y) for name, split in super().load().items()}

    def texts(self, split):
        return np.array([f"line {row[0]:.6f}" for row in split.x], dtype=object)


class Ragged(Texts):
    """A good data set of lists and arrays of numbers, of different lengths."""

    def texts(self, split):
        lists = np.empty(len(split.x), dtype=object)
        lists[:] = [np.full(i, row[0]) if i % 2 else [i, float(row[0])] for i, row in enumerate(split.x)]
        return lists


class Chunked(Streamed):
    """A good data set of sources that are read in chunks, of texts."""

    class source(Source):
        chunk_rows = 8

        def __init__(self, rows):
            self.rows = np.array([f"{row}" for row in rows], dtype=object)


@pytest.mark.parametrize(
    "make", [Spirals, lambda: Spirals(seed=3), Streamed, Parts, Lists, Table, Texts, Ragged, Chunked]
)
def test_good_data_sets_pass(make):
    check_dataset(make)


class NoTrain(Spirals):
    splits = ("test",)


class UndeclaredSplit(Spirals):
    splits = ("train",)


class NoSplits(Spirals):
    def load(self):
        return {name: (split.x, split.y) for name, split in super().load().items()}


class EmptyTest(Spirals):
    def load(self):
        splits = super().load()
        return splits | {"test": Split(splits["test"].x[:0], splits["test"].y[:0])}


class ShortTargets(Spirals):
    def load(self):
        return {name: Split(split.x, split.y[:-1]) for name, split in super().load().items()}


class HasNaN(Spirals):
    def load(self):
        splits = super().load()
        splits["test"].x[2, 1] = np.nan
        return splits


class Sorting(Source):
    def take(self, indices):
        return self.rows[np.sort(indices)]


class Backwards(Streamed):
    source = Sorting


class OtherEachTime(Spirals):
    def load(self):
        return {
            name: Split(np.random.standard_normal(split.x.shape), split.y) for name, split in super().load().items()
        }


class LoadsTestOnce(Spirals):
    loaded = False

    def load(self):
        splits = super().load()
        if self.loaded:
            del splits["test"]
        self.loaded = True
        return splits


class GivesItsCache(Spirals):
    cache = None

    def load(self):
        self.cache = self.cache or super().load()
        return self.cache


class Overlaps(Spirals):
    def load(self):
        train = super().load()["train"]
        return {"train": train, "test": Split(train.x[15:], train.y[15:])}


class ForgetsItsSeed(Spirals):
    def get_config(self):
        return {"noise": self.noise}


class NaNTargets(Table):
    def load(self):
        splits = super().load()
        return splits | {"test": Split(splits["test"].x, splits["test"].y.replace(1, np.nan))}


class NoneAmongTexts(Texts):
    def texts(self, split):
        texts = super().texts(split)
        texts[1:3] = None, float("nan")
        return texts


class NumberedColumns(Table):
    def table(self, split):
        return super().table(split).rename(columns={"rank": 3})


class TwinColumns(Table):
    def table(self, split):
        return super().table(split).rename(columns={"rank": "size"})


class OtherTypesInTest(Table):
    def table(self, split):
        return super().table(split).astype({"rank": "int64" if len(split) == 20 else "float64"})


class SlicesFromTheStart(Source):
    def take(self, indices):
        return self.rows[: indices.stop] if isinstance(indices, slice) else self.rows[indices]


class WrongSlices(Streamed):
    source = SlicesFromTheStart


class EachOnce(Source):
    def take(self, indices):
        return self.rows[indices if isinstance(indices, slice) else list(dict.fromkeys(indices))]


class DropsTwins(Streamed):
    source = EachOnce


class NoChunk(Source):
    chunk_rows = 0


class ZeroChunks(Streamed):
    source = NoChunk


class OtherTableEachTime(Table):
    def table(self, split):
        return super().table(split).assign(size=np.random.standard_normal(len(split)))


class OtherMiddlesEachTime(Texts):
    def texts(self, split):
        arrays = np.empty(len(split.x), dtype=object)
        arrays[:] = [np.r_[np.zeros(5000), np.random.standard_normal(), np.zeros(5000)] for _ in split.x]
        return arrays


class GivesItsTable(Table):
    cache = None

    def load(self):
        self.cache = self.cache or super().load()
        return self.cache


class TablesOverlap(Table):
    def load(self):
        train = super().load()["train"]
        return {"train": train, "test": Split(train.x[15:], train.y[15:])}


BROKEN: list[tuple[type[Dataset], dict[str, Any], str, str]] = [
    (NoTrain, {}, "splits", ": splits ('test',) lack 'train'"),
    (UndeclaredSplit, {}, "splits", ": declares the splits ('train',), loads ('train', 'test')"),
    (NoSplits, {}, "splits", ", train: a tuple, not a Split"),
    (EmptyTest, {}, "splits", ", test: has no rows"),
    (ShortTargets, {}, "lengths", ", train.y: 19 rows instead of 20"),
    (HasNaN, {}, "lengths", ", test.x: 1 values are NaN"),
    (NaNTargets, {}, "lengths", ", test.y: 5 values are NaN"),
    (NoneAmongTexts, {}, "lengths", ", train.x: 2 values are NaN or None"),
    (NumberedColumns, {}, "tables", ", train: x has columns whose names are no texts: [3]"),
    (TwinColumns, {}, "tables", ", train: x has several columns named size"),
    (OtherTypesInTest, {}, "tables", ", test: the columns, or their types, are not those of train"),
    (WrongSlices, {}, "sources", ", train.x: take(slice) does not give the rows of the slice"),
    (DropsTwins, {}, "sources", ", train.x: take(indices) does not give the rows in that order"),
    (ZeroChunks, {}, "sources", ", train.x: chunk_rows is 0, not a positive int"),
    (OtherTableEachTime, {}, "repeatable", ", second object: train.x['size'] differs"),
    (OtherMiddlesEachTime, {}, "repeatable", ", second object: train.x differs"),
    (GivesItsTable, {}, "repeatable", ", loaded again after the arrays were written to: train.x['size'] differs"),
    (TablesOverlap, {}, "disjoint", ", train and test: 5 rows are in both, a share of 1; allowed are 0"),
    (Backwards, {}, "sources", ", train.x: take(indices) does not give the rows in that order"),
    (OtherEachTime, {}, "repeatable", ", second object: train.x differs"),
    (
        LoadsTestOnce,
        {},
        "repeatable",
        ", loaded again after the arrays were written to: gives train.x, train.y instead of train.x, train.y, test.x, test.y",
    ),
    (GivesItsCache, {}, "repeatable", ", loaded again after the arrays were written to: train.x differs"),
    (Overlaps, {}, "disjoint", ", train and test: 5 rows are in both, a share of 1; allowed are 0"),
    (ForgetsItsSeed, {"seed": 3}, "config", ", from_config: train.x differs"),
]


def attempt(broken, options):
    check_dataset(lambda: broken(**options))


@pytest.mark.parametrize(("broken", "options", "check", "text"), BROKEN, ids=[row[0].__name__ for row in BROKEN])
def test_broken_data_sets_fail(failure, broken, options, check, text):
    assert failure(attempt, broken, options) == (check, f"{broken.__name__}{text}")


def test_every_check_has_a_data_set_that_breaks_it():
    assert set(CHECKS) == {check for _, _, check, _ in BROKEN}


def test_a_share_of_duplicates_can_be_allowed():
    check_dataset(Overlaps, duplicates=1.0)
    with pytest.raises(AssertionError, match=r"5 rows are in both, a share of 1; allowed are 0\.5"):
        check_dataset(Overlaps, duplicates=0.5)


def test_data_that_are_not_there_are_no_fault_of_the_data_set():
    class Absent(Spirals):
        def load(self):
            raise MissingFileError("spirals.csv is not here")

    with pytest.raises(MissingFileError, match=r"^spirals\.csv is not here$"):
        check_dataset(Absent)
