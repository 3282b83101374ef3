"""The data sets that kexp brings along: `from kexp.datasets import fashion_mnist`.

`load_data()` gives what Keras' function of that name gives: (x_train, y_train), (x_test, y_test), raw. In a config
the same names take more arguments: scaled, flattened, one-hot. Where there are class names they are in `classes`, names
of columns in `features`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp_plugins.datasets.airline_passengers import AirlinePassengers
from kexp_plugins.datasets.arrays import Arrays
from kexp_plugins.datasets.boston_housing import BostonHousing
from kexp_plugins.datasets.breast_cancer import BreastCancer
from kexp_plugins.datasets.california_housing import CaliforniaHousing
from kexp_plugins.datasets.churn import Churn
from kexp_plugins.datasets.cifar10 import CIFAR10
from kexp_plugins.datasets.cifar100 import CIFAR100
from kexp_plugins.datasets.covtype import Covtype
from kexp_plugins.datasets.csv import CSV
from kexp_plugins.datasets.cumulative_sum import CumulativeSum
from kexp_plugins.datasets.diabetes import Diabetes
from kexp_plugins.datasets.digits import Digits
from kexp_plugins.datasets.echo_sequence import EchoSequence
from kexp_plugins.datasets.fashion_mnist import FashionMNIST
from kexp_plugins.datasets.hdf5 import HDF5
from kexp_plugins.datasets.image_folder import ImageFolder
from kexp_plugins.datasets.iris import Iris
from kexp_plugins.datasets.mnist import MNIST
from kexp_plugins.datasets.mnist_t10k import MnistT10k
from kexp_plugins.datasets.moving_square import MovingSquare
from kexp_plugins.datasets.npy import NPY
from kexp_plugins.datasets.npz import NPZ
from kexp_plugins.datasets.openml import OpenML
from kexp_plugins.datasets.parquet import Parquet
from kexp_plugins.datasets.pima import Pima
from kexp_plugins.datasets.reverse_sequence import ReverseSequence
from kexp_plugins.datasets.synthetic import Synthetic
from kexp_plugins.datasets.timeseries import TimeSeries
from kexp_plugins.datasets.wine import Wine
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


class _MNIST:
    classes = MNIST.classes

    def load_data(self, path: str | os.PathLike[str] = "mnist.npz") -> Pairs:
        """Images uint8 (60000, 28, 28) and (10000, 28, 28), labels uint8 (n,).

        `path`: the npz file, or the folder with it or the four IDX files; as it stands, they are looked for, or
        mnist.npz is downloaded.
        """
        return MNIST(_given(path, "mnist.npz"), scale=False).load_data()


class _MnistT10k:
    classes = MnistT10k.classes

    def load_data(self, test_fraction: float = 0.2, seed: int = 0) -> Pairs:
        """The test images of MNIST in two parts: uint8 (8000, 28, 28) and (2000, 28, 28), labels uint8 (n,)."""
        return MnistT10k(None, test_fraction, seed, scale=False).load_data()


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


class _AirlinePassengers:
    def load_data(self) -> Array:
        """The whole series: float32 (144,), thousands of passengers a month from 1949-01 on."""
        series: Array = AirlinePassengers().load()["train"].y
        return series


def _given(path: str | os.PathLike[str], default: str) -> str | None:
    """`path`, or None if it is Keras' default, which stands for the usual places."""
    return None if os.fspath(path) == default else os.fspath(path)


class _Digits:
    classes = Digits.classes

    def load_data(self, test_fraction: float = 0.2, seed: int = 0) -> Pairs:
        """Images uint8 (n, 8, 8) in 0 to 16, labels uint8 (n,): 1437 to train and 360 to test."""
        return Digits(test_fraction, seed, scale=False).load_data()


class _AsInConfig:
    def __init__(self, maker: Callable[..., Dataset]) -> None:
        self._maker = maker
        self.classes: tuple[str, ...] = getattr(maker, "classes", ())
        self.features: tuple[str, ...] = getattr(maker, "features", ())

    def load_data(self, **arguments: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """What the data set of that name gives for these arguments, the same as in a config.

        >>> (x, y), _ = echo_sequence.load_data(n_train=3)
        >>> x.shape, y.shape
        ((3, 5, 10), (3,))
        """
        return self._maker(**arguments).load_data()


xor = _XOR()
fashion_mnist = _FashionMNIST()
digits = _Digits()
mnist = _MNIST()
mnist_t10k = _MnistT10k()
cifar10 = _CIFAR10()
cifar100 = _CIFAR100()
boston_housing = _BostonHousing()
california_housing = _CaliforniaHousing()
airline_passengers = _AirlinePassengers()
breast_cancer = _AsInConfig(BreastCancer)
churn = _AsInConfig(Churn)
covtype = _AsInConfig(Covtype)
diabetes = _AsInConfig(Diabetes)
iris = _AsInConfig(Iris)
openml = _AsInConfig(OpenML)
pima = _AsInConfig(Pima)
wine = _AsInConfig(Wine)
cumulative_sum = _AsInConfig(CumulativeSum)
echo_sequence = _AsInConfig(EchoSequence)
moving_square = _AsInConfig(MovingSquare)
reverse_sequence = _AsInConfig(ReverseSequence)
synthetic = _AsInConfig(Synthetic)


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


def timeseries(path: str | os.PathLike[str], target: str | int, **arguments: Any) -> tuple[Array, Array]:
    """The columns (t, d) of a series in a text file, and its target (t,), in the order of time.

    `arguments` are those of the data set in a config: features, time, time_format, ...
    """
    train = TimeSeries(os.fspath(path), target, **arguments).load()["train"]
    return train.x, train.y


def image_folder(path: str | os.PathLike[str], **arguments: Any) -> dict[str, Split]:
    """The splits of a folder of images, by name: x a source that reads files when they are needed, y int32 (n,).

    `arguments` are those of the data set in a config: image_size, color_mode, labels, ... Of `x` take rows:
    image_folder("pets")["train"].x.take(slice(0, 8)).
    """
    return ImageFolder(os.fspath(path), **arguments).load()


class _Splits:
    def __init__(self, maker: Callable[..., Dataset]) -> None:
        self._maker = maker

    def __call__(self, *arguments: Any, **named: Any) -> dict[str, Split]:
        """The splits by name, with x and y; the arguments are those of the data set in a config."""
        return self._maker(*arguments, **named).load()


arrays = _Splits(Arrays)
hdf5 = _Splits(HDF5)
npy = _Splits(NPY)
npz = _Splits(NPZ)
parquet = _Splits(Parquet)


__all__ = [
    "airline_passengers",
    "arrays",
    "boston_housing",
    "breast_cancer",
    "california_housing",
    "churn",
    "cifar10",
    "cifar100",
    "covtype",
    "csv",
    "cumulative_sum",
    "diabetes",
    "digits",
    "echo_sequence",
    "fashion_mnist",
    "hdf5",
    "image_folder",
    "iris",
    "mnist",
    "mnist_t10k",
    "moving_square",
    "npy",
    "npz",
    "openml",
    "parquet",
    "pima",
    "reverse_sequence",
    "synthetic",
    "timeseries",
    "wine",
    "xor",
]
