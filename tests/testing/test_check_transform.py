"""check_transform and check_splitter pass good components, and each check fails on one that is broken in that way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.core.splitter import Splitter
from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError
from kexp.testing import check_splitter, check_transform
from kexp.transforms import Standardize


class Center(Transform):
    """A good transform."""

    learns = True

    def __init__(self, times: float = 1.0) -> None:
        self.times = times

    def fit(self, chunks):
        parts = list(chunks)
        self.mean_ = np.concatenate(parts).mean(0)

    def transform(self, x, stream=None):
        self.check_fitted()
        return ((x - self.mean_) * self.times).astype(x.dtype)

    def inverse(self, x):
        return x / self.times + self.mean_


class WritesIntoItsData(Center):
    def transform(self, x, stream=None):
        x -= self.mean_
        return x


class ChangesItsArguments(Center):
    def fit(self, chunks):
        super().fit(chunks)
        self._arguments = ((), {"times": 7.0})


class WorksUnfitted(Center):
    def transform(self, x, stream=None):
        return (x - getattr(self, "mean_", 0)).astype(x.dtype)


class LearnsTheLastChunk(Center):
    def fit(self, chunks):
        for chunk in chunks:
            self.mean_ = chunk.mean(0)


class NeverForgets(Center):
    def fit(self, chunks):
        old = getattr(self, "mean_", 0)
        super().fit(chunks)
        self.mean_ = self.mean_ + old


class LooksAtTheBatch(Center):
    def transform(self, x, stream=None):
        self.check_fitted()
        return x - x.mean(0)

    def inverse(self, x):
        raise ArgumentError("no")


class Draws(Center):
    def transform(self, x, stream=None):
        self.check_fitted()
        return x + np.random.default_rng().standard_normal(x.shape) * 1e-3 * (len(x) == 40)


class Widens(Center):
    def transform(self, x, stream=None):
        self.check_fitted()
        return x.astype(np.float64) - self.mean_


class UndoesBadly(Center):
    def inverse(self, x):
        return x + 1


class HidesWhatItLearned(Center):
    def fit(self, chunks):
        super().fit(chunks)
        self.hidden = self.mean_
        self.mean_ = np.zeros(3)

    def transform(self, x, stream=None):
        self.check_fitted()
        return (x - getattr(self, "hidden", 0)).astype(x.dtype)

    def inverse(self, x):
        return x + self.hidden


class ForgetsAnArgument(Center):
    def get_config(self) -> dict[str, Any]:
        return {}


def skips() -> tuple[str, ...]:
    return ("state",)  # a pipeline finds transforms by their registered names, which these do not have


def test_good_transforms_pass() -> None:
    check_transform(Center, skip=skips())
    check_transform(lambda: Center(2.0), skip=skips())
    check_transform(Standardize)


@pytest.mark.parametrize(
    ("made", "check", "said"),
    [
        (WritesIntoItsData, "untouched", "the data after transform"),
        (ChangesItsArguments, "untouched", "the fit changes what get_config gives"),
        (WorksUnfitted, "unfitted", "learns, and transforms before it was fitted"),
        (LearnsTheLastChunk, "chunks", "fitted on chunks"),
        (NeverForgets, "chunks", "fitted twice"),
        (LooksAtTheBatch, "rows", "some rows in another order"),
        (Draws, "repeatable", "second time"),
        (Widens, "dtype", "float32 becomes float64"),
        (UndoesBadly, "inverse", "inverse"),
    ],
)
def test_broken_transforms_fail(made: type[Transform], check: str, said: str) -> None:
    others = {"untouched", "unfitted", "chunks", "rows", "repeatable", "dtype", "inverse", "state", "config"} - {check}
    with pytest.raises(AssertionError, match=said) as caught:
        check_transform(made, skip=others)
    assert str(caught.value).startswith(made.__name__)
    assert f"the check {check!r}" in caught.value.__notes__[0]


def test_a_config_that_leaves_out_an_argument_fails() -> None:
    with pytest.raises(AssertionError, match="from_config"):
        check_transform(lambda: ForgetsAnArgument(2.0), skip=skips())


def test_state_that_is_not_in_learned_attributes_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kexp.data.pipeline.resolve", lambda kind, spec, where="": HidesWhatItLearned())
    with pytest.raises(AssertionError, match="from_json"):
        check_transform(HidesWhatItLearned, skip=("config",))


class Halves(Splitter):
    """A good splitter."""

    def __init__(self, share: float = 0.5) -> None:
        self.share = share

    def rows(self, n, labels=None):
        at = int(n * self.share)
        if not 0 < at < n:
            raise DataError("too few rows")
        return {"train": np.arange(at), "validation": np.arange(at, n)}


class Undeclared(Halves):
    def rows(self, n, labels=None):
        return super().rows(n) | {"test": np.arange(1)}


class Overlapping(Halves):
    def rows(self, n, labels=None):
        return {"train": np.arange(n - 1), "validation": np.arange(n - 2, n)}


class Empty(Halves):
    def rows(self, n, labels=None):
        return {"train": np.arange(n), "validation": np.arange(0)}


class Random(Halves):
    def rows(self, n, labels=None):
        order = np.random.default_rng().permutation(n)
        return {"train": order[:5], "validation": order[5:]}


class Peeks(Halves):
    def rows(self, n, labels=None):
        at = n // 2 if labels is None else n // 3
        return {"train": np.arange(at), "validation": np.arange(at, n)}


class SplitsOne(Halves):
    def rows(self, n, labels=None):
        return {"train": np.arange(max(1, n // 2)), "validation": np.arange(n // 2, n)}


def test_good_splitters_pass() -> None:
    check_splitter(Halves)
    check_splitter(lambda: Halves(0.2), n=10)


@pytest.mark.parametrize(
    ("made", "check", "said"),
    [
        (
            Undeclared,
            "splits",
            r"declares the splits \('train', 'validation'\), makes \('train', 'validation', 'test'\)",
        ),
        (Overlapping, "rows", "row 58 is also in 'train'"),
        (Empty, "rows", "has no rows"),
        (Random, "repeatable", "second time"),
        (Peeks, "repeatable", "with labels"),
        (SplitsOne, "too few", "splits a single row, and raises no DataError"),
    ],
)
def test_broken_splitters_fail(made: type[Splitter], check: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check_splitter(made, skip={"splits", "rows", "repeatable", "too few", "config"} - {check})
