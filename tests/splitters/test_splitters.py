"""holdout, time and kfold: scikit-learn's rows, the sizes asked for, and clear errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import KFold as SklearnKFold
from sklearn.model_selection import StratifiedKFold, train_test_split

from kexp.errors import ArgumentError, DataError
from kexp.splitters import Holdout, KFold, Time

N = 103
LABELS = np.random.default_rng(0).integers(0, 3, N)


@pytest.mark.parametrize("stratify", [False, True])
@pytest.mark.parametrize("seed", [0, 7])
def test_holdout_takes_the_rows_of_train_test_split(stratify: bool, seed: int) -> None:
    for test in (0.2, 0.33, 25):
        got = Holdout(test, stratify=stratify, seed=seed).rows(N, LABELS)
        options: Any = {"random_state": seed, "stratify": LABELS if stratify else None}
        train, held = train_test_split(np.arange(N), test_size=test, **options)
        assert got["train"].tolist() == train.tolist()
        assert got["test"].tolist() == held.tolist()


def test_validation_rows_are_those_of_a_second_train_test_split() -> None:
    got = Holdout(0.2, 0.1, stratify=True, seed=3).rows(N, LABELS)
    rest, test = train_test_split(np.arange(N), test_size=0.2, random_state=3, stratify=LABELS)
    train, validation = train_test_split(rest, test_size=11, random_state=3, stratify=LABELS[rest])
    assert [got[name].tolist() for name in ("train", "validation", "test")] == [
        rows.tolist() for rows in (train, validation, test)
    ]


def test_stratifying_keeps_the_shares_of_the_classes() -> None:
    labels = np.repeat(["no", "yes"], [900, 100])
    for rows in Holdout(0.1, 0.2, stratify=True).rows(1000, labels).values():
        assert (labels[rows] == "yes").mean() == 0.1


def test_splits_are_those_that_are_asked_for() -> None:
    assert Holdout().splits == ("train", "test")
    assert Holdout(0, 0.2).splits == ("train", "validation")
    assert Holdout(0.1, 5).splits == ("train", "validation", "test")
    assert KFold().splits == ("train", "validation")
    assert Time(0.1, 0.1).splits == ("train", "validation", "test")


def test_fractions_that_add_up_to_1_use_every_row() -> None:
    for n in range(10, 40):
        got = Holdout(0.1, 0.1, train=0.8).rows(n)
        assert sum(map(len, got.values())) == n


def test_a_smaller_training_part_leaves_rows_unused() -> None:
    got = Holdout(20, train=0.5).rows(100)
    assert {name: len(rows) for name, rows in got.items()} == {"train": 50, "test": 20}
    assert not set(got["train"]) & set(got["test"])


def test_without_shuffling_rows_stay_in_order() -> None:
    got = Holdout(2, 3, shuffle=False).rows(10)
    assert [rows.tolist() for rows in got.values()] == [[0, 1, 2, 3, 4], [5, 6, 7], [8, 9]]


def test_time_keeps_order_and_leaves_gaps() -> None:
    got = Time(2, 0.3, gap=1).rows(10)
    assert {name: rows.tolist() for name, rows in got.items()} == {
        "train": [0, 1, 2],
        "validation": [4, 5, 6],
        "test": [8, 9],
    }


@pytest.mark.parametrize("stratify", [False, True])
def test_folds_are_those_of_scikit_learn(stratify: bool) -> None:
    for shuffle in (True, False):
        maker: Any = StratifiedKFold if stratify else SklearnKFold
        theirs = maker(4, shuffle=shuffle, random_state=5 if shuffle else None).split(np.zeros(N), LABELS)
        for fold, (train, validation) in enumerate(theirs):
            got = KFold(4, fold, stratify, shuffle, seed=5).rows(N, LABELS)
            assert got["train"].tolist() == train.tolist()
            assert got["validation"].tolist() == validation.tolist()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: Holdout(0.7, 0.4),
            "the fractions must add up to less than 1, so that rows are left for training. "
            "Received: validation 0.4 + test 0.7 = 1.1",
        ),
        (
            lambda: Holdout(0.5, train=0.6),
            "the fractions must add up to at most 1. Received: train 0.6 + test 0.5 = 1.1",
        ),
        (lambda: Holdout(1.0), "test must be a fraction in [0, 1) or a whole number of rows. Received: 1.0"),
        (lambda: Holdout(-0.1), "test must be a fraction in [0, 1) or a whole number of rows. Received: -0.1"),
        (lambda: Holdout(0), "a holdout needs rows to set aside: test or validation must be above 0"),
        (
            lambda: Holdout(stratify=True, shuffle=False),
            "stratify needs shuffle: true, since rows in order cannot keep the classes' shares",
        ),
        (lambda: KFold(5, 5), "fold must be a whole number from 0 to 4. Received: 5"),
        (lambda: KFold(1), "folds must be at least 2. Received: 1"),
        (lambda: Time(0, 0), "a split by time needs rows to set aside: test or validation must be above 0"),
        (lambda: Time(gap=-1), "gap must be a whole number of rows, 0 or more. Received: -1"),
        (lambda: Holdout(seed=-1), "seed must be an int from 0 to 2**32 - 1. Received: -1"),
    ],
)
def test_arguments_are_checked(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("splitter", "labels", "text"),
    [
        (
            Holdout(5),
            np.zeros(5),
            "5 rows leave none for training (validation 0, test 5). Ask for smaller splits, or get more data",
        ),
        (Holdout(60, train=50), np.zeros(100), "100 rows are too few for train 50, validation 0, test 60 = 110"),
        (KFold(), np.zeros(3), "3 rows are too few for 5 folds"),
        (
            Time(0.5, 0.3, gap=2),
            np.zeros(10),
            "10 rows leave none for training (validation 3, test 5, 4 in gaps). "
            "Ask for smaller splits, or get more data",
        ),
        (Holdout(stratify=True), np.zeros(10), "holdout with stratify: there is only one class, 0.0 (10 rows)"),
        (
            Holdout(stratify=True),
            np.array(list("aaaaab")),
            "holdout with stratify: class 'b' has 1 member, and 2 are needed to share them out.",
        ),
        (
            KFold(stratify=True),
            np.array(list("aaaaaaaabb")),
            "kfold with stratify: class 'b' has 2 members, and 5 are needed to put one into each of the 5 folds.",
        ),
        (
            Holdout(stratify=True),
            np.linspace(0, 1, 10),
            "holdout with stratify: class 0.0 has 1 member, and 2 are needed to share them out. "
            "Are the targets numbers to predict, not classes? Then: stratify: false",
        ),
        (
            Holdout(stratify=True),
            np.array(["a", None, "b", "a"], dtype=object),
            "holdout with stratify: the label of row 1 is missing",
        ),
    ],
)
def test_data_that_cannot_be_split_are_refused(splitter: Any, labels: Any, text: str) -> None:
    with pytest.raises(DataError) as caught:
        splitter.rows(len(labels), labels)
    assert str(caught.value) == text


def test_stratifying_needs_labels_one_a_row() -> None:
    with pytest.raises(DataError, match="^holdout with stratify needs labels, and the data have no targets$"):
        Holdout(stratify=True).rows(10)
    with pytest.raises(DataError, match=r"needs one label a row, \(10,\)\. Received: labels of \(9,\)$"):
        Holdout(stratify=True).rows(10, np.arange(9) % 2)
    one_hot = np.eye(3)[LABELS]
    assert Holdout(stratify=True).rows(N, one_hot)["test"].tolist() == (
        Holdout(stratify=True).rows(N, LABELS)["test"].tolist()
    )


def test_fewer_rows_than_classes_cannot_be_stratified() -> None:
    with pytest.raises(DataError) as error:
        Holdout(test=2, stratify=True).rows(9, np.arange(9) % 3)
    assert str(error.value) == (
        "holdout with stratify cannot take 2 of 9 rows: with 3 classes, at least 3 rows must be taken and as many left"
    )
