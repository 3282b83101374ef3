"""Echo: say which symbol stood at one place of a sequence."""

from __future__ import annotations

import numpy as np

from kexp.core.component import positive_int
from kexp.core.dataset import Dataset, Split
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.sequences import one_hot, symbols
from kexp_plugins.datasets.splitting import check_seed


class EchoSequence(Dataset):
    """Sequences of random symbols, no two alike; the target is the symbol at `place` (from 0, or from the end below 0).

    Only a network that remembers can tell it: at the last step the symbol is long gone.
    Shapes: x one-hot float32 (n, steps, n_symbols), y int64 (n,).

    >>> train = EchoSequence(n_train=2, n_test=1, steps=3).load()["train"]
    >>> train.x.shape, (train.x.argmax(axis=-1)[:, 1] == train.y).tolist()
    ((2, 3, 10), [True, True])
    """

    splits = ("train", "test")

    def __init__(
        self,
        n_train: int = 2000,
        n_test: int = 500,
        steps: int = 5,
        n_symbols: int = 10,
        place: int = 1,
        seed: int = 0,
    ) -> None:
        self.n_train = positive_int("n_train", n_train)
        self.n_test = positive_int("n_test", n_test)
        self.steps = positive_int("steps", steps)
        self.n_symbols = positive_int("n_symbols", n_symbols)
        if not -steps <= place < steps:
            raise ArgumentError(f"place must be a step from {-steps} to {steps - 1}. Received: {place!r}")
        self.place = place
        self.seed = check_seed(seed)

    def load(self) -> dict[str, Split]:
        drawn = symbols(self.n_train + self.n_test, self.steps, self.n_symbols, self.seed)
        x, y = one_hot(drawn, self.n_symbols), np.ascontiguousarray(drawn[:, self.place])
        n = self.n_train
        return {"train": Split(x[:n], y[:n]), "test": Split(x[n:], y[n:])}


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"echo_sequence": EchoSequence}
