"""KFold: the rows in equal parts, one of which validates and the others train."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.core.component import positive_int
from kexp.core.splitter import Indices, Splitter
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.splitters.sizes import check_seed, class_labels


class KFold(Splitter):
    """Part number `fold` (from 0) of `folds` validates, the others train; over all folds each row validates once.

    `stratify` keeps the classes' shares in every part. They are the rows, in order, that scikit-learn's KFold or
    StratifiedKFold(folds, shuffle=True, random_state=seed) give; without `shuffle`, parts are neighbouring rows.
    Raises: DataError if there are fewer rows than folds, or a class has fewer members.
    """

    def __init__(
        self, folds: int = 5, fold: int = 0, stratify: bool = False, shuffle: bool = True, seed: int = 0
    ) -> None:
        self.folds = positive_int("folds", folds)
        if self.folds < 2:
            raise ArgumentError(f"folds must be at least 2. Received: {folds!r}")
        if isinstance(fold, bool) or not isinstance(fold, int) or not 0 <= fold < self.folds:
            raise ArgumentError(f"fold must be a whole number from 0 to {self.folds - 1}. Received: {fold!r}")
        self.fold, self.stratify, self.shuffle, self.seed = fold, stratify, shuffle, check_seed(seed)
        self.needs_labels = stratify

    def rows(self, n: int, labels: np.ndarray[Any, Any] | None = None) -> dict[str, Indices]:
        if n < self.folds:
            raise DataError(f"{n} rows are too few for {self.folds} folds")
        validates = np.zeros(n, dtype=bool)
        validates[self._stratified(n, labels) if self.stratify else self._plain(n)] = True
        return {"train": np.flatnonzero(~validates), "validation": np.flatnonzero(validates)}

    def _plain(self, n: int) -> Indices:
        order = np.arange(n)
        if self.shuffle:
            np.random.RandomState(self.seed).shuffle(order)  # the generator that scikit-learn uses
        return np.array_split(order, self.folds)[self.fold]

    def _stratified(self, n: int, labels: Any) -> Indices:
        classes = class_labels(labels, n, "kfold", self.folds, f"to put one into each of the {self.folds} folds")
        from sklearn.model_selection import StratifiedKFold  # at the door: slow to import

        parts = StratifiedKFold(self.folds, shuffle=self.shuffle, random_state=self.seed if self.shuffle else None)
        found: Indices = list(parts.split(np.zeros(n), classes))[self.fold][1]
        return found


@hookimpl
def kexp_splitters() -> dict[str, type[Splitter]]:
    return {"kfold": KFold}
