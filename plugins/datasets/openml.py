"""OpenML: any of the thousands of tables on openml.org, by name and version or by number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kexp.core.component import fraction, positive_int
from kexp.core.dataset import Dataset, Split
from kexp.core.files import cache_folder
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.splitting import check_seed, split_names, split_rows, train_test_rows

SITE = "https://www.openml.org"


class OpenML(Dataset):
    """A table of openml.org, chosen by `name` and `version`, or by `data_id`; scikit-learn's fetch_openml reads it.

    Shapes: x a DataFrame (n, d), categories as texts, missing values as they are; y a Series (n,), `target` or else
    the column that OpenML names as target: texts for categories, else numbers.
    A `test_fraction` of the rows (rounded up), shuffled by `seed`, is the test split. With 0 there is none, and the
    order is the table's.
    Files: scikit-learn downloads them, checked by OpenML's own MD5 sums, into `path`, or else into the cache, and reads
    them from there without a network ever after. Terms: each table has its own, on its page.
    Raises: MissingFileError if the table is not there and cannot be fetched; DataError if there is no such table or
    target, or rows without a target.
    """

    def __init__(
        self,
        name: str | None = None,
        version: int = 1,
        target: str | None = None,
        data_id: int | None = None,
        path: str | None = None,
        test_fraction: float = 0.0,
        seed: int = 0,
    ) -> None:
        if (name is None) == (data_id is None):
            raise ArgumentError(f"give either name or data_id. Received: name={name!r}, data_id={data_id!r}")
        self.name = name
        self.version = positive_int("version", version)
        self.target = target
        self.data_id = None if data_id is None else positive_int("data_id", data_id)
        self.path = path
        self.test_fraction = fraction("test_fraction", test_fraction)
        self.seed = check_seed(seed)
        self.splits = split_names(self.test_fraction)

    def load(self) -> dict[str, Split]:
        bunch = self._fetch()
        x, y = bunch.data.copy(), bunch.target
        if y is None or getattr(y, "ndim", 1) != 1:
            columns = ", ".join(map(str, bunch.frame.columns[:30]))
            raise DataError(
                f"{self._called()} names not one column as its target: say which with target. It has {columns}"
            )
        for column in x.select_dtypes("category"):
            x[column] = _as_text(x[column])
        y = _as_text(y) if y.dtype == "category" else y
        if missing := int(y.isna().sum()):
            raise DataError(f"{self._called()}: {missing} of {len(y)} rows have no target ({y.name!r})")
        if not self.test_fraction:
            return {"train": Split(x, y)}
        train, test = train_test_rows(len(x), self.test_fraction, self.seed, self._called())
        return {"train": split_rows(x, y, train), "test": split_rows(x, y, test)}

    def _fetch(self) -> Any:
        from sklearn.datasets import fetch_openml  # at the door: slow to import

        folder = cache_folder("openml") if self.path is None else Path(self.path).expanduser()
        chosen = {"data_id": self.data_id} if self.name is None else {"name": self.name, "version": self.version}
        target = "default-target" if self.target is None else self.target
        try:
            return fetch_openml(**chosen, target_column=target, data_home=str(folder), as_frame=True)
        except OSError as error:
            raise MissingFileError(
                f"{self._called()} is not in {folder}, and the download from {SITE} failed ({error}).\n"
                f"Fetch it once with a network, or copy the folder {folder / 'openml'} from a computer that has it; "
                "another folder is chosen with dataset.path=FOLDER (in Python: path=)."
            ) from error
        except (ValueError, KeyError) as error:  # no such data set, or no such column
            raise DataError(f"{self._called()} cannot be had from {SITE}: {error.args[0]}") from error

    def _called(self) -> str:
        if self.name is None:
            return f"OpenML's data set {self.data_id}"
        return f"OpenML's data set {self.name!r}, version {self.version}"


def _as_text(column: Any) -> Any:
    """A column of categories as plain values, missing ones left missing."""
    return column.astype(column.cat.categories.dtype)


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"openml": OpenML}
