"""How many rows a split gets: a fraction of all, or a count; and what is checked about seeds and labels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kexp.errors import ArgumentError, DataError

Share = float | int
Labels = np.ndarray[Any, Any]


def share(name: str, value: Any) -> Share:
    """`value`, if it is a fraction in [0, 1) or a count of rows."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= 0
    if not whole and not (isinstance(value, float) and 0 <= value < 1):
        raise ArgumentError(f"{name} must be a fraction in [0, 1) or a whole number of rows. Received: {value!r}")
    return int(value) if whole else float(value)


def check_sum(**shares: Share | None) -> None:
    """Raise ArgumentError if the fractions leave no row for training, or take more than there are."""
    fractions = {name: value for name, value in shares.items() if isinstance(value, float) and value}
    total = sum(fractions.values())
    with_train = "train" in fractions
    if total > 1 + 1e-9 or (not with_train and total > 1 - 1e-9):
        listed = " + ".join(f"{name} {value:g}" for name, value in fractions.items())
        limit = "at most 1" if with_train else "less than 1, so that rows are left for training"
        raise ArgumentError(f"the fractions must add up to {limit}. Received: {listed} = {total:g}")


def rows_of(value: Share, n: int) -> int:
    """The number of rows for a fraction (rounded up, as in scikit-learn) or a count."""
    return math.ceil(value * n) if isinstance(value, float) else value


def check_counts(n: int, **counts: int) -> None:
    """Raise DataError if a split that is asked for would be empty, or there are not enough rows."""
    listed = ", ".join(f"{name} {count}" for name, count in counts.items())
    if counts["train"] < 1:
        others = ", ".join(f"{name} {count}" for name, count in counts.items() if name != "train")
        raise DataError(f"{n} rows leave none for training ({others}). Ask for smaller splits, or get more data")
    if sum(counts.values()) > n:
        raise DataError(f"{n} rows are too few for {listed} = {sum(counts.values())}")


def check_seed(seed: Any) -> int:
    """`seed`, if it is an int that NumPy's and scikit-learn's legacy generators take."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ArgumentError(f"seed must be an int from 0 to 2**32 - 1. Received: {seed!r}")
    return seed


def class_labels(labels: Any, n: int, splitter: str, least: int, why: str) -> Labels:
    """Labels (n,) fit for stratifying, as class numbers.

    Raises: DataError if there are none, they are not one a row, some are missing, there is one class only, or a class
    has fewer than `least` members.
    """
    if labels is None:
        raise DataError(f"{splitter} with stratify needs labels, and the data have no targets")
    found = np.asarray(labels)
    found = found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found
    if found.ndim == 2:
        found = _from_one_hot(found, splitter)
    if found.shape != (n,):
        raise DataError(f"{splitter} with stratify needs one label a row, ({n},). Received: labels of {found.shape}")
    missing = np.array([value is None or value != value for value in found.tolist()], dtype=bool)
    if missing.any():
        raise DataError(f"{splitter} with stratify: the label of row {int(np.flatnonzero(missing)[0])} is missing")
    try:
        classes, numbers, counts = np.unique(found, return_inverse=True, return_counts=True)
    except TypeError:
        raise DataError(f"{splitter} with stratify: the labels mix texts and numbers") from None
    if len(classes) < 2:
        raise DataError(f"{splitter} with stratify: there is only one class, {_shown(classes[0])} ({n} rows)")
    rare = int(counts.argmin())
    if counts[rare] < least:
        members = "1 member" if counts[rare] == 1 else f"{counts[rare]} members"
        hint = " Are the targets numbers to predict, not classes? Then: stratify: false" if len(classes) > n / 2 else ""
        raise DataError(
            f"{splitter} with stratify: class {_shown(classes[rare])} has {members}, "
            f"and {least} are needed {why}.{hint}"
        )
    return numbers


def _from_one_hot(found: Labels, splitter: str) -> Labels:
    if found.dtype.kind in "biuf" and bool(((found == 0) | (found == 1)).all() and (found.sum(1) == 1).all()):
        classes: Labels = found.argmax(1)
        return classes
    raise DataError(
        f"{splitter} with stratify needs one label a row, (n,), or one-hot rows. Received: labels of {found.shape}"
    )


def _shown(label: Any) -> str:
    return repr(label.item() if isinstance(label, np.generic) else label)
