"""The data sets that Keras has, with Keras' arguments: `load_data()` gives the raw data as Keras gives them."""

from __future__ import annotations

import os
from typing import Any, Literal

import numpy as np

from kexp_plugins.datasets.boston_housing import BostonHousing
from kexp_plugins.datasets.california_housing import CaliforniaHousing
from kexp_plugins.datasets.cifar10 import CIFAR10
from kexp_plugins.datasets.cifar100 import CIFAR100
from kexp_plugins.datasets.fashion_mnist import FashionMNIST
from kexp_plugins.datasets.imdb import IMDB, word_index
from kexp_plugins.datasets.mnist import MNIST

Array = np.ndarray[Any, Any]
Pairs = tuple[tuple[Array, Array], tuple[Array, Array]]


class _FashionMNIST:
    classes = FashionMNIST.classes

    def load_data(self, path: str | os.PathLike[str] | None = None) -> Pairs:
        """Images uint8 (60000, 28, 28) and (10000, 28, 28), labels uint8 (n,).

        `path`: the folder with the four IDX files, if they are not to be looked for or downloaded.
        """
        return FashionMNIST(None if path is None else os.fspath(path), scale=False).load_data()


class _MNIST:
    classes = MNIST.classes

    def load_data(self, path: str | os.PathLike[str] = "mnist.npz") -> Pairs:
        """Images uint8 (60000, 28, 28) and (10000, 28, 28), labels uint8 (n,).

        `path`: the npz file, or the folder with it or the four IDX files; as it stands, they are looked for, or
        mnist.npz is downloaded.
        """
        return MNIST(_given(path, "mnist.npz"), scale=False).load_data()


class _CIFAR10:
    classes = CIFAR10.classes

    def load_data(self, path: str | os.PathLike[str] | None = None) -> Pairs:
        """Images uint8 (50000, 32, 32, 3) and (10000, 32, 32, 3), labels uint8 (n, 1).

        `path`: cifar-10-python.tar.gz or its folder, if it is not to be looked for or downloaded.
        """
        return CIFAR10(None if path is None else os.fspath(path), scale=False).load_data()


class _CIFAR100:
    def load_data(
        self, label_mode: Literal["fine", "coarse"] = "fine", path: str | os.PathLike[str] | None = None
    ) -> Pairs:
        """Images uint8 (50000, 32, 32, 3) and (10000, 32, 32, 3), labels uint8 (n, 1): 100 classes, or 20 coarse ones.

        `path`: cifar-100-python.tar.gz or its folder, if it is not to be looked for or downloaded.
        """
        return CIFAR100(label_mode, None if path is None else os.fspath(path), scale=False).load_data()


class _BostonHousing:
    features = BostonHousing.features

    def load_data(
        self, path: str | os.PathLike[str] = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
    ) -> Pairs:
        """x float64 (404, 13) and (102, 13), y float64 (n,), prices in 1000 dollars: Keras' rows in Keras' order.

        `path`: the npz file, housing.csv or a folder; as it stands, they are looked for, or the npz is downloaded.
        """
        place = _given(path, "boston_housing.npz")
        return BostonHousing(place, test_split, seed, dtype="float64").load_data()


class _CaliforniaHousing:
    def load_data(
        self,
        version: Literal["large", "small"] = "large",
        path: str | os.PathLike[str] = "california_housing.npz",
        test_split: float = 0.2,
        seed: int = 113,
    ) -> Pairs:
        """x float32 (16512, 8) and (4128, 8), or (480, 8) and (120, 8) of the small version; y float32 (n,), dollars.

        `path`: the npz file or its folder; as it stands, it is looked for or downloaded.
        """
        return CaliforniaHousing(version, _given(path, "california_housing.npz"), test_split, seed).load_data()


class _IMDB:
    classes = IMDB.classes

    def load_data(
        self,
        path: str | os.PathLike[str] = "imdb.npz",
        num_words: int | None = None,
        skip_top: int = 0,
        maxlen: int | None = None,
        seed: int = 113,
        start_char: int | None = 1,
        oov_char: int | None = 2,
        index_from: int = 3,
    ) -> Pairs:
        """Lists of word numbers, object arrays (25000,) twice, and labels int64 (n,), 1 for praise.

        `path`: the npz file or its folder; as it stands, it is looked for or downloaded.
        """
        place = _given(path, "imdb.npz")
        return IMDB(place, num_words, skip_top, maxlen, seed, start_char, oov_char, index_from).load_data()

    def get_word_index(self, path: str | os.PathLike[str] = "imdb_word_index.json") -> dict[str, int]:
        """The rank by frequency of each word; its number in the reviews is 3 (`index_from`) higher."""
        return word_index(_given(path, "imdb_word_index.json"))


def _given(path: str | os.PathLike[str], default: str) -> str | None:
    """`path`, or None if it is Keras' default, which stands for the usual places."""
    return None if os.fspath(path) == default else os.fspath(path)


boston_housing = _BostonHousing()
california_housing = _CaliforniaHousing()
cifar10 = _CIFAR10()
cifar100 = _CIFAR100()
fashion_mnist = _FashionMNIST()
imdb = _IMDB()
mnist = _MNIST()
