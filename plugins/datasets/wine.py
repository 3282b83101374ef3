"""Wine: 178 wines of three growers, thirteen measurements each."""

from __future__ import annotations

from kexp.core.dataset import Dataset
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.sklearn_table import SklearnTable


class Wine(SklearnTable):
    """Chemistry of 178 Italian wines of three growers (Forina et al. 1988); scikit-learn's copy, no download.

    Shapes: x (n, 13) float32, or a DataFrame of float64 with `as_frame`; y int64 (n,), 0 to 2 (59, 71 and 48 rows).
    Of the rows a `test_fraction` (rounded up), shuffled by `seed` and with every grower in proportion, is the test
    split. Terms: UCI repository, CC BY 4.0.

    >>> {name: split.x.shape for name, split in Wine().load().items()}
    {'train': (142, 13), 'test': (36, 13)}
    """

    loader = "load_wine"
    n_rows = 178
    features = (
        "alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids",
        "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue", "od280/od315_of_diluted_wines", "proline",
    )  # fmt: skip
    classes = ("class_0", "class_1", "class_2")
    target = "grower"


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"wine": Wine}
