"""Splitter: which rows train, which validate and which test."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kexp.core.component import Component

Indices = np.ndarray[Any, np.dtype[np.intp]]


class Splitter(Component):
    """Contract of splitters: `rows` cuts the training part of a data set into named splits.

    The same arguments and labels give the same rows. No row stands in two splits.
    """

    kind: ClassVar[str] = "splitter"
    splits: tuple[str, ...] = ("train", "validation")
    """The names of the splits it makes, known before anything is read; 'train' among them."""
    needs_labels: bool = False
    """Whether `rows` looks at the labels."""

    def rows(self, n: int, labels: np.ndarray[Any, Any] | None = None) -> dict[str, Indices]:
        """The rows of each split, index arrays into the `n` rows; `labels` (n,) are given if `needs_labels`.

        Raises: DataError if a split would be empty, or the labels do not allow it.
        """
        raise NotImplementedError
