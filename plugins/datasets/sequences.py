"""Random sequences of symbols, for data sets that are made up."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.errors import ArgumentError

Host = np.ndarray[Any, Any]


def symbols(n: int, steps: int, n_symbols: int, seed: int) -> Host:
    """`n` sequences of `steps` symbols 0 to n_symbols - 1, int64 (n, steps), each at most once.

    Raises: ArgumentError if there are not so many sequences.
    """
    if n > n_symbols**steps:
        raise ArgumentError(f"{n} sequences of {steps} steps need more than {n_symbols} symbols to be all different")
    rng = np.random.default_rng(seed)
    found = np.empty((0, steps), dtype=np.int64)
    while len(found) < n:
        drawn = np.concatenate([found, rng.integers(n_symbols, size=(n, steps))])
        found = drawn[np.sort(np.unique(drawn, axis=0, return_index=True)[1])]  # the first of its kind, in order
    return found[:n]


def one_hot(classes: Host, n_classes: int) -> Host:
    """Class numbers (n, t) as float32 (n, t, n_classes)."""
    hit: Host = classes[..., None] == np.arange(n_classes)
    return hit.astype(np.float32)
