"""Cumulative sum: at each step, has the sum so far passed a limit?"""

from __future__ import annotations

import numpy as np

from kexp.core.component import number, positive_int
from kexp.core.dataset import Dataset, Split
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.splitting import check_seed


class CumulativeSum(Dataset):
    """Sequences of uniform numbers in [0, 1); the target is 1 from the step on where their sum exceeds `limit`.

    Without a `limit` it is half of the sequence's own total, which no step before the last can know: here a network
    that reads in both directions has the advantage.
    Shapes: x float32 (n, steps, 1), y float32 (n, steps, 1).

    >>> train = CumulativeSum(n_train=1, n_test=1, steps=4).load()["train"]
    >>> bool(train.y[0, 0, 0] <= train.y[0, -1, 0] == 1)
    True
    """

    splits = ("train", "test")

    def __init__(
        self, n_train: int = 2000, n_test: int = 400, steps: int = 10, limit: float | None = None, seed: int = 0
    ) -> None:
        self.n_train = positive_int("n_train", n_train)
        self.n_test = positive_int("n_test", n_test)
        self.steps = positive_int("steps", steps)
        self.limit = None if limit is None else number("limit", limit)
        self.seed = check_seed(seed)

    def load(self) -> dict[str, Split]:
        rng = np.random.default_rng(self.seed)
        x = rng.random((self.n_train + self.n_test, self.steps, 1), dtype=np.float32)
        limit = x.sum(axis=1, keepdims=True) / 2 if self.limit is None else self.limit
        y = (x.cumsum(axis=1) > limit).astype(np.float32)
        n = self.n_train
        return {"train": Split(x[:n], y[:n]), "test": Split(x[n:], y[n:])}


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"cumulative_sum": CumulativeSum}
