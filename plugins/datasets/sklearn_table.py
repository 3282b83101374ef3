"""What the small tables that scikit-learn brings along share."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp_plugins.datasets.frames import to_frame, to_series
from kexp_plugins.datasets.splitting import check_seed, check_test_fraction, split_names, split_whole


class SklearnTable(Dataset):
    """A table of numbers from scikit-learn's own files, with labels, or with numbers where `classes` is empty.

    Of the rows a `test_fraction` (rounded up), shuffled by `seed`, is the test split: the rows of scikit-learn's
    train_test_split, with stratify=y for labels. With 0 there is no test split and the order is the file's.
    """

    loader: ClassVar[str]
    """The name of scikit-learn's function."""
    n_rows: ClassVar[int]
    features: ClassVar[tuple[str, ...]]
    classes: ClassVar[tuple[str, ...]] = ()
    target: ClassVar[str] = "target"

    def __init__(self, test_fraction: float = 0.2, seed: int = 0, as_frame: bool = False) -> None:
        self.test_fraction = check_test_fraction(test_fraction, self.n_rows, max(len(self.classes), 1))
        self.seed = check_seed(seed)
        self.as_frame = as_frame
        self.splits = split_names(self.test_fraction)

    def load(self) -> dict[str, Split]:
        bunch = self.read()
        x, y = bunch.data, bunch.target.astype(np.int64 if self.classes else np.float32)
        if self.as_frame:
            x, y = to_frame(x, self.features), to_series(y, self.target)
        else:
            x = x.astype(np.float32)
        return split_whole(x, y, self.test_fraction, self.seed, stratify=bool(self.classes))

    def read(self) -> Any:
        """What scikit-learn's function gives: `data` (n, d) and `target` (n,)."""
        from sklearn import datasets  # at the door: slow to import

        return getattr(datasets, self.loader)()
