"""Boston housing: prices in 506 districts of 1970, as Keras gives them."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from kexp.core.component import one_of
from kexp.core.dataset import Dataset, Split
from kexp.core.files import DataFile
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.frames import to_frame, to_series
from kexp_plugins.datasets.published import find_any, read_arrays, read_frame
from kexp_plugins.datasets.splitting import check_seed, check_test_split, keras_split, split_names

ARCHIVE = DataFile(
    "boston_housing.npz",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/boston_housing.npz",
    "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
    57026,
)
TABLE = DataFile(
    "housing.csv",
    "https://raw.githubusercontent.com/jbrownlee/Datasets/d20fcb6402ae34e653d4513b00f39257bb37ed7f/housing.csv",
    "2682ca02e83b89467d7d0cdcbde7c0cc4d2566119be8ce8d84dad4f0fa20859a",
    41295,
    "2682ca02e83b89467d7d0cdcbde7c0cc4d2566119be8ce8d84dad4f0fa20859a",
)
N_ROWS = 506


class BostonHousing(Dataset):
    """Median house prices of 506 districts around Boston, in 1000 dollars (Harrison & Rubinfeld 1978).

    Column B is derived from the share of Black residents: an ethical problem, for which scikit-learn dropped the set.
    Shapes: x (404, 13) and (102, 13), y (404,) and (102,), of `dtype`; with `as_frame` a DataFrame and a Series.
    The rows are those of Keras: shuffled by `seed`, the first int(506 * (1 - test_split)) train; with a `test_split`
    of 0 there is no test split.
    Files: Keras' boston_housing.npz, or the same rows as text, housing.csv; `path`: the file or its folder; without
    it KEXP_DATA, the cache and the system's folder are searched, and the npz is downloaded into the cache if neither
    is there. Content is checked by hash. That housing.csv has the order of the npz was checked on the rows that are in
    print: the first training row and 30 of the training targets are Keras'. Terms: not stated (StatLib).
    Raises: MissingFileError if they are nowhere to be had; DataError if one is damaged or another file.
    """

    features: ClassVar[tuple[str, ...]] = (
        "CRIM", "ZN", "INDUS", "CHAS", "NOX", "RM", "AGE", "DIS", "RAD", "TAX", "PTRATIO", "B", "LSTAT",
    )  # fmt: skip

    def __init__(
        self,
        path: str | None = None,
        test_split: float = 0.2,
        seed: int = 113,
        as_frame: bool = False,
        dtype: Literal["float32", "float64"] = "float32",
    ) -> None:
        self.path = path
        self.test_split = check_test_split(test_split, N_ROWS)
        self.seed = check_seed(seed)
        self.as_frame = as_frame
        self.dtype = one_of("dtype", dtype, ("float32", "float64"))
        self.splits = split_names(self.test_split)

    def load(self) -> dict[str, Split]:
        x, y = (part.astype(self.dtype) for part in _arrays(self.path))
        if self.as_frame:
            x, y = to_frame(x, self.features), to_series(y, "MEDV")
        return keras_split(x, y, self.test_split, self.seed)


def _arrays(path: str | None) -> list[np.ndarray[Any, Any]]:
    place, file = find_any("boston_housing", (ARCHIVE, TABLE), path)
    if file is ARCHIVE:
        return read_arrays(place, "x", "y")
    rows = read_frame(place, file.content_sha256, header=None).to_numpy(np.float64)
    return [rows[:, :-1], rows[:, -1]]


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"boston_housing": BostonHousing}
