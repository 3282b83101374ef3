"""Pima: 768 women and whether they have diabetes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp.core.files import DataFile
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.published import find_file, read_frame
from kexp_plugins.datasets.splitting import check_seed, check_test_fraction, split_names, split_whole

TABLE = DataFile(
    "pima-indians-diabetes.csv",
    "https://raw.githubusercontent.com/jbrownlee/Datasets/d20fcb6402ae34e653d4513b00f39257bb37ed7f/"
    "pima-indians-diabetes.csv",
    "6bfe5d0f379d17a0e0819b996407e3c09bf80febd4287f2ed212190dfff154af",
    23278,
    "6bfe5d0f379d17a0e0819b996407e3c09bf80febd4287f2ed212190dfff154af",
)
N_ROWS = 768
NEVER_ZERO = ["glucose", "blood_pressure", "skin_thickness", "insulin", "bmi"]
"""Columns in which a living person cannot have 0: there it stands for a value that was not measured."""


class Pima(Dataset):
    """Pima women of at least 21 years; 268 of 768 have diabetes (Smith et al. 1988).

    Shapes: x float32 (n, 8) in the file's order, y int64 (n,); with `as_frame` a DataFrame of float64 and a Series.
    Units: glucose 2 h after a dose (mg/dl), blood_pressure diastolic (mm Hg), skin_thickness at the triceps (mm),
    insulin (mu U/ml), bmi (kg/m^2), pedigree (a score), age (years).
    A 0 stands for a missing value in glucose (5 rows), blood_pressure (35), skin_thickness (227), insulin (374) and
    bmi (11); with `zeros_are_missing` it becomes NaN, for an `impute` in the pipeline: only in a table, as_frame: true.
    Of the rows a `test_fraction` (rounded up), shuffled by `seed` and with both classes in proportion, is the test
    split: the rows of scikit-learn's train_test_split(..., stratify=y). With 0 there is no test split and the order is
    the file's.
    Files: pima-indians-diabetes.csv, gzipped or not; `path`: the file or its folder; without it KEXP_DATA, the cache
    or the system's folder, else it is downloaded into the cache. Its content is checked by hash. Terms: not stated.
    Raises: MissingFileError if it is nowhere to be had; DataError if it is damaged or another file.
    """

    features: ClassVar[tuple[str, ...]] = (
        "pregnancies", "glucose", "blood_pressure", "skin_thickness", "insulin", "bmi", "pedigree", "age",
    )  # fmt: skip
    classes: ClassVar[tuple[str, ...]] = ("negative", "positive")

    def __init__(
        self,
        path: str | None = None,
        test_fraction: float = 0.2,
        seed: int = 0,
        as_frame: bool = False,
        zeros_are_missing: bool = False,
    ) -> None:
        if zeros_are_missing and not as_frame:
            raise ArgumentError("zeros_are_missing needs as_frame: true: missing values stand in tables, not in arrays")
        self.path = path
        self.test_fraction = check_test_fraction(test_fraction, N_ROWS, len(self.classes))
        self.seed = check_seed(seed)
        self.as_frame = as_frame
        self.zeros_are_missing = zeros_are_missing
        self.splits = split_names(self.test_fraction)

    def load(self) -> dict[str, Split]:
        place = find_file("pima", TABLE, self.path)
        x = read_frame(place, TABLE.content_sha256, header=None, names=[*self.features, "diabetes"])
        y, x = x["diabetes"], x[list(self.features)].astype(np.float64)
        if self.zeros_are_missing:
            x[NEVER_ZERO] = x[NEVER_ZERO].replace(0.0, np.nan)
        if not self.as_frame:
            x, y = x.to_numpy(np.float32, copy=True), y.to_numpy(copy=True)
        return split_whole(x, y, self.test_fraction, self.seed, stratify=True)


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"pima": Pima}
