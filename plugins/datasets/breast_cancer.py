"""Breast cancer: 569 tumours, malignant or benign, thirty measurements each."""

from __future__ import annotations

from kexp.core.dataset import Dataset
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.sklearn_table import SklearnTable

MEASURED = (
    "radius", "texture", "perimeter", "area", "smoothness",
    "compactness", "concavity", "concave points", "symmetry", "fractal dimension",
)  # fmt: skip


class BreastCancer(SklearnTable):
    """Cell nuclei of 569 tumours, Wisconsin (Street, Wolberg & Mangasarian 1993); scikit-learn's copy, no download.

    Shapes: x (n, 30) float32, or a DataFrame of float64 with `as_frame`: mean, standard error and worst of ten
    measurements; y int64 (n,), 0 malignant (212 rows), 1 benign (357).
    Of the rows a `test_fraction` (rounded up), shuffled by `seed` and with both classes in proportion, is the test
    split. Terms: UCI repository, CC BY 4.0.

    >>> {name: split.x.shape for name, split in BreastCancer().load().items()}
    {'train': (455, 30), 'test': (114, 30)}
    """

    loader = "load_breast_cancer"
    n_rows = 569
    features = (
        *(f"mean {name}" for name in MEASURED),
        *(f"{name} error" for name in MEASURED),
        *(f"worst {name}" for name in MEASURED),
    )
    classes = ("malignant", "benign")
    target = "diagnosis"


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"breast_cancer": BreastCancer}
