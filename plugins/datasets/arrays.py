"""Arrays: data that are in memory already, as a data set."""

from __future__ import annotations

from typing import Any

from kexp.core.dataset import Dataset, Split
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl


class Arrays(Dataset):
    """Arrays, tables or sources that a program hands over: for the Python API, not for config files.

    Shapes: x (n, ...) and y (n, ...) as they are, or lists or dicts of them. `x_test` and `y_test` make the test
    split, `x_validation` and `y_validation` the validation split.

    >>> Arrays([[0.0], [1.0]], [0, 1]).load()["train"].y
    [0, 1]
    """

    def __init__(
        self,
        x: Any = None,
        y: Any = None,
        x_test: Any = None,
        y_test: Any = None,
        x_validation: Any = None,
        y_validation: Any = None,
        sample_weight: Any = None,
    ) -> None:
        if x is None or isinstance(x, str):
            raise ArgumentError(
                "the data set 'arrays' is made in Python, from arrays: Arrays(x, y). In a config name a file instead: "
                f"dataset=npy, npz, hdf5, csv or parquet. Received: x={x!r}"
            )
        self.x, self.y = x, y
        self.x_test, self.y_test = x_test, y_test
        self.x_validation, self.y_validation = x_validation, y_validation
        self.sample_weight = sample_weight
        others = {"validation": x_validation, "test": x_test}
        self.splits = ("train", *(name for name, values in others.items() if values is not None))

    def load(self) -> dict[str, Split]:
        splits = {"train": Split(self.x, self.y, self.sample_weight)}
        if self.x_validation is not None:
            splits["validation"] = Split(self.x_validation, self.y_validation)
        if self.x_test is not None:
            splits["test"] = Split(self.x_test, self.y_test)
        return splits


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"arrays": Arrays}
