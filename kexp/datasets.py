"""The data sets that kexp brings along: `from kexp.datasets import fashion_mnist`.

`load_data()` gives what Keras' function of that name gives: (x_train, y_train), (x_test, y_test), raw. In a config
the same names take more arguments: scaled, flattened, one-hot.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from kexp.core.dataset import Dataset
from kexp_plugins.datasets.csv import CSV
from kexp_plugins.datasets.cumulative_sum import CumulativeSum
from kexp_plugins.datasets.digits import Digits
from kexp_plugins.datasets.echo_sequence import EchoSequence
from kexp_plugins.datasets.fashion_mnist import FashionMNIST
from kexp_plugins.datasets.moving_square import MovingSquare
from kexp_plugins.datasets.reverse_sequence import ReverseSequence
from kexp_plugins.datasets.xor import XOR

Array = np.ndarray[Any, Any]
Pairs = tuple[tuple[Array, Array], tuple[Array, Array]]


class _XOR:
    def __call__(self) -> tuple[Array, Array]:
        """x (4, 2) and y (4, 1), float32."""
        return self.load_data()[0]

    def load_data(self) -> Pairs:
        """x (4, 2) and y (4, 1), float32; the test arrays are empty.

        >>> (x, y), _ = xor.load_data()
        >>> x.shape, y.ravel().tolist()
        ((4, 2), [0.0, 1.0, 1.0, 0.0])
        """
        return XOR().load_data()


class _FashionMNIST:
    classes = FashionMNIST.classes

    def load_data(self, path: str | os.PathLike[str] | None = None) -> Pairs:
        """Images uint8 (60000, 28, 28) and (10000, 28, 28), labels uint8 (n,).

        `path`: the folder with the four IDX files, if they are not to be looked for or downloaded.
        """
        return FashionMNIST(None if path is None else os.fspath(path), scale=False).load_data()


class _Digits:
    def load_data(self, test_fraction: float = 0.2, seed: int = 0) -> Pairs:
        """Images uint8 (n, 8, 8) in 0 to 16, labels uint8 (n,): 1437 to train and 360 to test."""
        return Digits(test_fraction, seed, scale=False).load_data()


class _MadeUp:
    def __init__(self, maker: Callable[..., Dataset]) -> None:
        self._maker = maker

    def load_data(self, **arguments: Any) -> Pairs:
        """What the data set of that name gives for these arguments, the same as in a config.

        >>> (x, y), _ = echo_sequence.load_data(n_train=3)
        >>> x.shape, y.shape
        ((3, 5, 10), (3,))
        """
        return self._maker(**arguments).load_data()


xor = _XOR()
fashion_mnist = _FashionMNIST()
digits = _Digits()
cumulative_sum = _MadeUp(CumulativeSum)
echo_sequence = _MadeUp(EchoSequence)
moving_square = _MadeUp(MovingSquare)
reverse_sequence = _MadeUp(ReverseSequence)


def csv(
    path: str | os.PathLike[str],
    target: str | int | Sequence[str | int],
    features: Sequence[str | int] | None = None,
    header: bool = True,
    separator: str = ",",
    dtype: Literal["float32", "float64"] = "float32",
) -> tuple[Array, Array]:
    """Features (n, d) and target (n,) of all rows of a text file, in its order.

    Columns are names of the header or numbers from 0 (-1 is the last); without `features` all but the target.
    The target is (n, k) where a list is given, int64 if it is integral.
    """
    targets = target if isinstance(target, str | int) else list(target)
    chosen = None if features is None else list(features)
    train = CSV(os.fspath(path), targets, chosen, header, separator, dtype=dtype).load()["train"]
    return train.x, train.y


__all__ = [
    "csv",
    "cumulative_sum",
    "digits",
    "echo_sequence",
    "fashion_mnist",
    "moving_square",
    "reverse_sequence",
    "xor",
]
