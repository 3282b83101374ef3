"""Diabetes: 442 patients and how their disease went on in a year, for regression."""

from __future__ import annotations

from typing import Any

from kexp.core.dataset import Dataset
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.sklearn_table import SklearnTable


class Diabetes(SklearnTable):
    """Ten measurements of 442 patients (Efron, Hastie, Johnstone & Tibshirani 2004); scikit-learn's copy, no download.

    Shapes: x (n, 10) float32, or a DataFrame of float64 with `as_frame`; y float32 (n,), a measure of the disease's
    progress, 25 to 346. `scaled`: each column centred and its squares summing to 1 over all 442 rows, as
    scikit-learn gives them (the test rows have a part in it); false: ages in years, blood values as measured.
    Of the rows a `test_fraction` (rounded up), shuffled by `seed`, is the test split. Terms: not stated.

    >>> {name: split.x.shape for name, split in Diabetes().load().items()}
    {'train': (353, 10), 'test': (89, 10)}
    """

    loader = "load_diabetes"
    n_rows = 442
    features = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
    target = "progression"

    def __init__(self, test_fraction: float = 0.2, seed: int = 0, as_frame: bool = False, scaled: bool = True) -> None:
        super().__init__(test_fraction, seed, as_frame)
        self.scaled = scaled

    def read(self) -> Any:
        from sklearn.datasets import load_diabetes  # at the door: slow to import

        return load_diabetes(scaled=self.scaled)


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"diabetes": Diabetes}
