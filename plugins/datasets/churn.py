"""Churn: 10,000 customers of a bank, and which of them left."""

from __future__ import annotations

from typing import ClassVar

from kexp.core.dataset import Dataset, Split
from kexp.core.files import DataFile
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.published import find_file, read_frame
from kexp_plugins.datasets.splitting import check_seed, check_test_fraction, split_names, split_whole

TABLE = DataFile(
    "Churn_Modelling.csv",
    "https://raw.githubusercontent.com/fractus-io/keras-tutorial/4da0b1706fae310f178656f196386d0a5cf5a0aa/"
    "src/mlp/Churn_Modelling.csv",
    "3996cd1fa372e0db0cd9c0ebac35bbd4e8e3c65fb942bb010c826e7b1eeef0a0",
    684858,
    "3996cd1fa372e0db0cd9c0ebac35bbd4e8e3c65fb942bb010c826e7b1eeef0a0",
)
N_ROWS = 10_000


class Churn(Dataset):
    """Customers of a bank in France, Germany and Spain; 2037 of 10,000 left it. A table with texts, for a pipeline.

    Shapes: x a DataFrame of the 13 raw columns, RowNumber, CustomerId and Surname among them; y an int64 Series (n,)
    named Exited, 1 for those who left. No value is missing.
    Of the rows a `test_fraction` (rounded up), shuffled by `seed` and with both classes in proportion, is the test
    split: the rows of scikit-learn's train_test_split(..., stratify=y). With 0 there is no test split and the order is
    the file's. Tables keep the file's row numbers, from 0, as their index.
    Files: Churn_Modelling.csv, gzipped or not; `path`: the file or its folder; without it KEXP_DATA, the cache or the
    system's folder, else it is downloaded into the cache. Its content is checked by hash.
    Terms: not stated; the repository it comes from is under the MIT licence.
    Raises: MissingFileError if it is nowhere to be had; DataError if it is damaged or another file.
    """

    features: ClassVar[tuple[str, ...]] = (
        "RowNumber", "CustomerId", "Surname", "CreditScore", "Geography", "Gender", "Age", "Tenure", "Balance",
        "NumOfProducts", "HasCrCard", "IsActiveMember", "EstimatedSalary",
    )  # fmt: skip
    classes: ClassVar[tuple[str, ...]] = ("stayed", "exited")

    def __init__(self, path: str | None = None, test_fraction: float = 0.2, seed: int = 0) -> None:
        self.path = path
        self.test_fraction = check_test_fraction(test_fraction, N_ROWS, len(self.classes))
        self.seed = check_seed(seed)
        self.splits = split_names(self.test_fraction)

    def load(self) -> dict[str, Split]:
        # a customer may be called Null or Na: no text stands for a missing value here
        x = read_frame(find_file("churn", TABLE, self.path), TABLE.content_sha256, keep_default_na=False)
        y = x.pop("Exited")
        return split_whole(x, y, self.test_fraction, self.seed, stratify=True)


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"churn": Churn}
