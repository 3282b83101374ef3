"""Covtype: which of seven kinds of forest covers each of 581,012 patches of land."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp.core.files import DataFile, open_data
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.published import find_file
from kexp_plugins.datasets.splitting import check_seed, check_test_fraction, split_names, split_whole

ARCHIVE = DataFile(
    "covtype.data.gz",
    "https://ndownloader.figshare.com/files/5976039",
    "614360d0257557dd1792834a85a1cdebfadc3c4f30b011d56afee7ffb5b15771",
    11240707,
)
N_ROWS = 581_012


class Covtype(Dataset):
    """Forest cover of patches of 30 by 30 m in Colorado, from maps (Blackard & Dean 1999).

    Shapes: x (n, 54) float32: ten numbers, then four wilderness areas and forty soil types as 0 and 1; y int64 (n,),
    labels 1 to 7 as published, label k being classes[k - 1]. With `as_frame` a DataFrame and a Series.
    Of the 581,012 rows a `test_fraction` (rounded up), shuffled by `seed` and with every class in proportion, is the
    test split: the rows of scikit-learn's train_test_split(..., stratify=y). With 0 there is no test split and the
    order is the file's.
    Files: covtype.data.gz, the archive that scikit-learn downloads; `path`: the file or its folder; without it
    KEXP_DATA, the cache or the system's folder, else it is downloaded into the cache; checked by hash.
    Terms: UCI repository, CC BY 4.0; copyright Jock A. Blackard and Colorado State University.
    Raises: MissingFileError if it is nowhere to be had; DataError if it is damaged or another file.
    """

    features: ClassVar[tuple[str, ...]] = (
        "Elevation", "Aspect", "Slope", "Horizontal_Distance_To_Hydrology", "Vertical_Distance_To_Hydrology",
        "Horizontal_Distance_To_Roadways", "Hillshade_9am", "Hillshade_Noon", "Hillshade_3pm",
        "Horizontal_Distance_To_Fire_Points",
        *(f"Wilderness_Area_{i}" for i in range(4)),
        *(f"Soil_Type_{i}" for i in range(40)),
    )  # fmt: skip
    classes: ClassVar[tuple[str, ...]] = (
        "Spruce/Fir", "Lodgepole Pine", "Ponderosa Pine", "Cottonwood/Willow", "Aspen", "Douglas-fir", "Krummholz",
    )  # fmt: skip

    def __init__(
        self, path: str | None = None, test_fraction: float = 0.2, seed: int = 0, as_frame: bool = False
    ) -> None:
        self.path = path
        self.test_fraction = check_test_fraction(test_fraction, N_ROWS, len(self.classes))
        self.seed = check_seed(seed)
        self.as_frame = as_frame
        self.splits = split_names(self.test_fraction)

    def load(self) -> dict[str, Split]:
        import pandas  # at the door: slow to import

        place = find_file("covtype", ARCHIVE, self.path)
        names = [*self.features, "Cover_Type"]
        with open_data(place) as file:
            frame = pandas.read_csv(file, header=None, names=names, dtype=np.float32)
        y: Any = frame.pop("Cover_Type").astype(np.int64)
        x: Any = frame
        if not self.as_frame:
            x, y = frame.to_numpy(copy=True), y.to_numpy(copy=True)
        return split_whole(x, y, self.test_fraction, self.seed, stratify=True)


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"covtype": Covtype}
