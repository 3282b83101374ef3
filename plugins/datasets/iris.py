"""Iris: 150 flowers of three kinds, four lengths each."""

from __future__ import annotations

from kexp.core.dataset import Dataset
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.sklearn_table import SklearnTable


class Iris(SklearnTable):
    """Sepals and petals of 150 irises, 50 of each kind, in cm (Fisher 1936); scikit-learn's copy, no download.

    Shapes: x (n, 4) float32, or a DataFrame of float64 with `as_frame`; y int64 (n,), 0 to 2.
    Of the rows a `test_fraction` (rounded up), shuffled by `seed` and with every kind in proportion, is the test
    split. Terms: UCI repository, CC BY 4.0.

    >>> {name: split.x.shape for name, split in Iris().load().items()}
    {'train': (120, 4), 'test': (30, 4)}
    """

    loader = "load_iris"
    n_rows = 150
    features = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
    classes = ("setosa", "versicolor", "virginica")
    target = "species"


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"iris": Iris}
