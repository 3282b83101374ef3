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
from kexp_plugins.datasets.as_in_keras import (
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    fashion_mnist,
    imdb,
    mnist,
)
from kexp_plugins.datasets.breast_cancer import BreastCancer
from kexp_plugins.datasets.churn import Churn
from kexp_plugins.datasets.covtype import Covtype
from kexp_plugins.datasets.csv import CSV
from kexp_plugins.datasets.cumulative_sum import CumulativeSum
from kexp_plugins.datasets.diabetes import Diabetes
from kexp_plugins.datasets.digits import Digits
from kexp_plugins.datasets.echo_sequence import EchoSequence
from kexp_plugins.datasets.hdf5 import HDF5
from kexp_plugins.datasets.image_folder import ImageFolder
from kexp_plugins.datasets.iris import Iris
from kexp_plugins.datasets.mnist_t10k import MnistT10k
from kexp_plugins.datasets.moving_square import MovingSquare
from kexp_plugins.datasets.npy import NPY
from kexp_plugins.datasets.npz import NPZ
from kexp_plugins.datasets.openml import OpenML
from kexp_plugins.datasets.parquet import Parquet
from kexp_plugins.datasets.pima import Pima
from kexp_plugins.datasets.reverse_sequence import ReverseSequence
from kexp_plugins.datasets.rt_polarity import RTPolarity
from kexp_plugins.datasets.synthetic import Synthetic
from kexp_plugins.datasets.text_folder import TextFolder
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


class _MnistT10k:
    classes = MnistT10k.classes

    def load_data(self, test_fraction: float = 0.2, seed: int = 0) -> Pairs:
        """The test images of MNIST in two parts: uint8 (8000, 28, 28) and (2000, 28, 28), labels uint8 (n,)."""
        return MnistT10k(None, test_fraction, seed, scale=False).load_data()


class _AirlinePassengers:
    def load_data(self) -> Array:
        """The whole series: float32 (144,), thousands of passengers a month from 1949-01 on."""
        series: Array = AirlinePassengers().load()["train"].y
        return series


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
digits = _Digits()
mnist_t10k = _MnistT10k()
airline_passengers = _AirlinePassengers()
breast_cancer = _AsInConfig(BreastCancer)
churn = _AsInConfig(Churn)
covtype = _AsInConfig(Covtype)
diabetes = _AsInConfig(Diabetes)
iris = _AsInConfig(Iris)
openml = _AsInConfig(OpenML)
pima = _AsInConfig(Pima)
rt_polarity = _AsInConfig(RTPolarity)
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
    text: Sequence[str | int] = (),
    missing: Sequence[str | int] = (),
    as_frame: bool = False,
) -> tuple[Any, Any]:
    """Features (n, d) and target (n,) of all rows of a text file, in its order.

    Columns are names of the header or numbers from 0 (-1 is the last); without `features` all but the target.
    The target is (n, k) where a list is given, int64 if it is integral. With columns of `text`, columns whose cells
    may be `missing`, or `as_frame`, they are a DataFrame and a Series.
    """
    targets = target if isinstance(target, str | int) else list(target)
    chosen = None if features is None else list(features)
    made = CSV(
        os.fspath(path),
        targets,
        chosen,
        header,
        separator,
        dtype=dtype,
        text=list(text),
        missing=list(missing),
        as_frame=as_frame,
    )
    train = made.load()["train"]
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
text_folder = _Splits(TextFolder)


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
    "imdb",
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
    "rt_polarity",
    "synthetic",
    "text_folder",
    "timeseries",
    "wine",
    "xor",
]
