"""Reverse: say a sequence of symbols backwards."""

from __future__ import annotations

import numpy as np

from kexp.core.component import positive_int
from kexp.core.dataset import Dataset, Split
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.sequences import one_hot, symbols
from kexp_plugins.datasets.splitting import check_seed


class ReverseSequence(Dataset):
    """Sequences of random symbols, no two alike; the target is the same sequence backwards.

    With `teacher_forcing` x is a map of `source`, the sequence, and `said`, the target one step late behind a row of
    zeros: what a decoder has said before each step.
    Shapes: x one-hot float32 (n, steps, n_symbols), y int64 (n, steps).

    >>> train = ReverseSequence(n_train=1, n_test=1, steps=3).load()["train"]
    >>> train.x.argmax(axis=-1)[0, ::-1].tolist() == train.y[0].tolist()
    True
    """

    splits = ("train", "test")

    def __init__(
        self,
        n_train: int = 4000,
        n_test: int = 500,
        steps: int = 5,
        n_symbols: int = 10,
        seed: int = 0,
        teacher_forcing: bool = False,
    ) -> None:
        self.n_train = positive_int("n_train", n_train)
        self.n_test = positive_int("n_test", n_test)
        self.steps = positive_int("steps", steps)
        self.n_symbols = positive_int("n_symbols", n_symbols)
        self.seed = check_seed(seed)
        self.teacher_forcing = teacher_forcing

    def load(self) -> dict[str, Split]:
        drawn = symbols(self.n_train + self.n_test, self.steps, self.n_symbols, self.seed)
        x, y = one_hot(drawn, self.n_symbols), np.ascontiguousarray(drawn[:, ::-1])
        n = self.n_train
        if not self.teacher_forcing:
            return {"train": Split(x[:n], y[:n]), "test": Split(x[n:], y[n:])}
        said = np.zeros_like(x)
        said[:, 1:] = x[:, :0:-1]
        parts = {"train": slice(None, n), "test": slice(n, None)}
        return {name: Split({"source": x[rows], "said": said[rows]}, y[rows]) for name, rows in parts.items()}


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"reverse_sequence": ReverseSequence}
