"""Holdout: rows set aside for testing and validating, drawn at random."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kexp.core.splitter import Indices, Splitter
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.splitters.sizes import check_counts, check_seed, check_sum, class_labels, rows_of, share


class Holdout(Splitter):
    """`test` and `validation` rows set aside, each a fraction of all (rounded up) or a count; the others train.

    `train`: a fraction or count, too, where not all others shall; what is left over is not used. `stratify` keeps the
    classes' shares in every split. Without `shuffle` the first rows train, the next validate, the last test.

    They are scikit-learn's rows: test those of train_test_split(rows, test_size=..., random_state=seed, stratify=y),
    validation those that the same call takes of the rest.
    Raises: DataError if a split would be empty, or the labels do not allow stratifying.
    """

    def __init__(
        self,
        test: float | int = 0.2,
        validation: float | int = 0.0,
        stratify: bool = False,
        shuffle: bool = True,
        seed: int = 0,
        train: float | int | None = None,
    ) -> None:
        self.test = share("test", test)
        self.validation = share("validation", validation)
        self.train = None if train is None else _train_share(train)
        if not self.test and not self.validation and self.train is None:
            raise ArgumentError("a holdout needs rows to set aside: test or validation must be above 0")
        check_sum(train=self.train, validation=self.validation, test=self.test)
        if stratify and not shuffle:
            raise ArgumentError("stratify needs shuffle: true, since rows in order cannot keep the classes' shares")
        self.stratify, self.shuffle, self.seed = stratify, shuffle, check_seed(seed)
        self.needs_labels = stratify
        named = (("train", 1), ("validation", self.validation), ("test", self.test))
        self.splits = tuple(name for name, size in named if size)

    def rows(self, n: int, labels: np.ndarray[Any, Any] | None = None) -> dict[str, Indices]:
        n_test, n_validation = rows_of(self.test, n), rows_of(self.validation, n)
        rest = n - n_test - n_validation
        n_train = rest if self._takes_the_rest() else self._n_train(n)
        check_counts(n, **{"train": n_train, "validation": n_validation, "test": n_test})
        classes = class_labels(labels, n, "holdout", 2, "to share them out") if self.stratify else None
        found: dict[str, Indices] = {}
        left = np.arange(n)
        for name, size in (("test", n_test), ("validation", n_validation)):
            if name in self.splits:
                left, found[name] = self._cut(left, size, classes)
        if n_train < rest:
            left = self._cut(left, rest - n_train, classes)[0]
        return {"train": left, **{name: found[name] for name in self.splits if name != "train"}}

    def _takes_the_rest(self) -> bool:
        fractions = (self.train, self.validation, self.test)
        whole = all(isinstance(size, float) or size == 0 for size in fractions)
        return self.train is None or (whole and math.isclose(sum(map(float, fractions)), 1))  # type: ignore[arg-type]

    def _n_train(self, n: int) -> int:
        return math.floor(self.train * n) if isinstance(self.train, float) else int(self.train or 0)

    def _cut(self, rows: Indices, size: int, classes: Any) -> tuple[Indices, Indices]:
        """The rows that are left and those that are taken away."""
        if not self.shuffle:
            return rows[: len(rows) - size], rows[len(rows) - size :]
        if classes is None:
            order = np.random.RandomState(self.seed).permutation(len(rows))  # the generator that scikit-learn uses
            return rows[order[size:]], rows[order[:size]]
        from sklearn.model_selection import train_test_split  # at the door: slow to import

        try:
            left, taken = train_test_split(rows, test_size=size, random_state=self.seed, stratify=classes[rows])
        except ValueError:
            k = len(np.unique(classes[rows]))
            raise DataError(
                f"holdout with stratify cannot take {size} of {len(rows)} rows: with {k} classes, at least {k} rows "
                "must be taken and as many left"
            ) from None
        return left, taken


def _train_share(train: Any) -> float | int:
    size = share("train", 1 - 1e-12 if train == 1.0 and isinstance(train, float) else train)
    if not size:
        raise ArgumentError(f"train must be above 0. Received: {train!r}")
    return size


@hookimpl
def kexp_splitters() -> dict[str, type[Splitter]]:
    return {"holdout": Holdout}
