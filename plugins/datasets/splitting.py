"""Which rows train and which test, for data sets that are published in one piece."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kexp.core.component import fraction
from kexp.core.dataset import Split
from kexp.errors import ArgumentError, DataError

Rows = np.ndarray[Any, np.dtype[np.intp]]


def check_seed(seed: Any) -> int:
    """`seed`, if it is an int that NumPy's and scikit-learn's legacy generators take."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ArgumentError(f"seed must be an int from 0 to 2**32 - 1. Received: {seed!r}")
    return seed


def check_test_fraction(test_fraction: Any, n: int, n_classes: int, what: str = "rows") -> float:
    """`test_fraction`, if it leaves a row of each class in both splits of `n` rows, or is 0.

    `what`: what the rows are called. n_classes is 1 where there are no classes.
    """
    share = fraction("test_fraction", test_fraction)
    if share and not n_classes <= math.ceil(share * n) <= n - n_classes:
        raise ArgumentError(
            f"test_fraction must be 0, or leave at least {n_classes} of the {n} {what} in both splits. "
            f"Received: {test_fraction!r}"
        )
    return share


def check_test_split(test_split: Any, n: int) -> float:
    """`test_split` of Keras' tables, if it is 0 or leaves some of `n` rows in both splits."""
    share = fraction("test_split", test_split)
    if share and not 0 < int(n * (1 - share)) < n:
        raise ArgumentError(
            f"test_split must be 0, or leave at least 1 of the {n} rows in both splits. Received: {test_split!r}"
        )
    return share


def split_names(test_fraction: float) -> tuple[str, ...]:
    """The names of the splits that a test fraction leads to."""
    return ("train", "test") if test_fraction else ("train",)


def train_test_rows(n: int, test_fraction: float, seed: int, source: str) -> tuple[Rows, Rows]:
    """Shuffled row numbers for training and testing: ceil(n * test_fraction) of `n` test.

    They are the rows that scikit-learn's train_test_split(..., test_size=test_fraction, random_state=seed) takes.
    Raises: DataError, which names `source`, if no row is left for training.
    """
    n_test = math.ceil(n * test_fraction)
    if n_test >= n:
        raise DataError(f"{source}: test_fraction {test_fraction:g} of {n} rows leaves none for training")
    order = np.random.RandomState(seed).permutation(n)  # the generator that scikit-learn uses
    return order[n_test:], order[:n_test]


def split_whole(x: Any, y: Any, test_fraction: float, seed: int, *, stratify: bool) -> dict[str, Split]:
    """A train and a test split of arrays or tables; with a fraction of 0 all is for training, in its own order.

    They are the rows of scikit-learn's train_test_split(..., test_size=test_fraction, random_state=seed), with
    `stratify` of the same with stratify=y: every class in proportion.
    """
    if not test_fraction:
        return {"train": Split(x, y)}
    if stratify:
        from sklearn.model_selection import train_test_split  # at the door: slow to import

        train, test = train_test_split(
            np.arange(len(y)), test_size=test_fraction, random_state=seed, stratify=np.asarray(y)
        )
    else:
        train, test = train_test_rows(len(y), test_fraction, seed, "the data set")
    return {"train": split_rows(x, y, train), "test": split_rows(x, y, test)}


def keras_split(x: Any, y: Any, test_split: float, seed: int) -> dict[str, Split]:
    """The split of Keras' tables: rows shuffled by RandomState(seed), the first int(n * (1 - test_split)) train.

    Without a `test_split` all rows are for training, shuffled as well.
    """
    order = np.random.RandomState(seed).permutation(len(x))
    n_train = int(len(x) * (1 - test_split))
    splits = {"train": split_rows(x, y, order[:n_train]), "test": split_rows(x, y, order[n_train:])}
    return splits if test_split else {"train": splits["train"]}


def split_rows(x: Any, y: Any, rows: Rows) -> Split:
    """These rows of arrays or tables."""
    return Split(x.iloc[rows] if hasattr(x, "iloc") else x[rows], y.iloc[rows] if hasattr(y, "iloc") else y[rows])
