"""Which rows train and which test, for data sets that are published in one piece."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kexp.errors import ArgumentError, DataError

Rows = np.ndarray[Any, np.dtype[np.intp]]


def check_seed(seed: Any) -> int:
    """`seed`, if it is an int that NumPy's and scikit-learn's legacy generators take."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ArgumentError(f"seed must be an int from 0 to 2**32 - 1. Received: {seed!r}")
    return seed


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
