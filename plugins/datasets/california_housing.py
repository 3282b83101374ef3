"""California housing: prices in 20,640 districts of 1990, as Keras gives them."""

from __future__ import annotations

from typing import Literal

from kexp.core.component import one_of
from kexp.core.dataset import Dataset, Split
from kexp.core.files import DataFile
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.published import find_file, read_arrays
from kexp_plugins.datasets.splitting import check_seed, check_test_split, keras_split, split_names

ARCHIVE = DataFile(
    "california_housing.npz",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/california_housing.npz",
    "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
    743530,
)
N_ROWS = {"small": 600, "large": 20_640}


class CaliforniaHousing(Dataset):
    """Median house prices, in dollars, of districts of California in 1990 (Pace & Barry 1997).

    Shapes: x (n, 8) and y (n,), float32; 20,640 rows, or the first 600 where `version` is 'small'. Divide y (a
    `rescale` in target_pipeline, say) before training: it goes to 500,001. The columns have no names here: Keras'
    documentation lists them otherwise than its users find them.
    The rows are those of Keras: shuffled by `seed`, the first int(n * (1 - test_split)) train; with a `test_split` of
    0 there is no test split.
    Files: Keras' california_housing.npz; `path`: the file or its folder; without it KEXP_DATA, the cache or the
    system's folder, else it is downloaded into the cache; checked by hash. Terms: not stated (StatLib).
    Raises: MissingFileError if it is nowhere to be had; DataError if it is damaged or another file.
    """

    def __init__(
        self,
        version: Literal["large", "small"] = "large",
        path: str | None = None,
        test_split: float = 0.2,
        seed: int = 113,
    ) -> None:
        self.version = one_of("version", version, ("small", "large"))
        self.path = path
        self.test_split = check_test_split(test_split, N_ROWS[self.version])
        self.seed = check_seed(seed)
        self.splits = split_names(self.test_split)

    def load(self) -> dict[str, Split]:
        x, y = read_arrays(find_file("california_housing", ARCHIVE, self.path), "x", "y")
        n = N_ROWS[self.version]
        return keras_split(x[:n], y[:n], self.test_split, self.seed)


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"california_housing": CaliforniaHousing}
