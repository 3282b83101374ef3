"""NPZ: arrays in one .npz file, read into memory."""

from __future__ import annotations

import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.hookspecs import hookimpl


class NPZ(Dataset):
    """Arrays that numpy.savez or savez_compressed wrote, in memory.

    Shapes: x (n, ...) and y (n, ...) as stored. `x` and `y` name arrays of the file, 'x_train' and 'y_train' unless
    given; y null: there are no targets. `x_test` and `y_test` make the test split where the file has them.
    `allow_pickle`: also read arrays of Python objects, which can run any code: only from files that you trust.
    Raises: MissingFileError; DataError if the file is damaged, an array is missing or holds values that are not
    finite, or lengths differ.
    """

    def __init__(
        self,
        path: str,
        x: str = "x_train",
        y: str | None = "y_train",
        x_test: str | None = "x_test",
        y_test: str | None = "y_test",
        allow_pickle: bool = False,
    ) -> None:
        if not path or not isinstance(path, str | os.PathLike):
            raise ArgumentError(f"path must be the name of a file. Received: {path!r}")
        self.path = path
        self.x, self.y, self.x_test, self.y_test = x, y, x_test, y_test
        self.allow_pickle = allow_pickle
        held = _names_in(Path(path).expanduser())
        self.splits = ("train", "test") if x_test is not None and x_test in held else ("train",)

    def load(self) -> dict[str, Split]:
        path = Path(self.path).expanduser()
        if not path.is_file():
            raise MissingFileError(f"the file {path} is not there")
        with path.open("rb") as opened:
            try:
                file = np.load(opened, allow_pickle=self.allow_pickle)
            except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
                raise DataError(f"{path} is not an .npz file, or it is damaged: {error}") from error
            if not hasattr(file, "files"):
                raise DataError(f"{path} holds one array, not several by name: use the data set 'npy'")
            splits = {"train": self._split(path, file, self.x, self.y)}
            if self.x_test is not None and self.x_test in file.files:
                splits["test"] = self._split(path, file, self.x_test, None if self.y is None else self.y_test)
        return splits

    def _split(self, path: Path, file: Any, x: str, y: str | None) -> Split:
        inputs = self._array(path, file, x)
        if y is None:
            return Split(inputs)
        targets = self._array(path, file, y)
        if len(inputs) != len(targets):
            raise DataError(f"{path}: {x!r} has {len(inputs)} rows and {y!r} has {len(targets)}")
        return Split(inputs, targets)

    def _array(self, path: Path, file: Any, name: str) -> np.ndarray[Any, Any]:
        if name not in file.files:
            raise DataError(f"{path} has no array {name!r}. There are: {', '.join(file.files) or 'none'}")
        try:
            array = np.asarray(file[name])
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise DataError(f"{path}: the array {name!r} is damaged: {error}") from error
        except ValueError as error:
            raise DataError(
                f"{path}: {name!r} holds Python objects, and to read them can run any code. If you trust the file, "
                f"set allow_pickle: true ({error})"
            ) from error
        if not array.ndim:
            raise DataError(f"{path}: {name!r} is a single value, and rows are needed")
        if array.dtype.kind == "f" and not (sound := np.isfinite(array.reshape(len(array), -1)).all(1)).all():
            row = int(sound.argmin())
            raise DataError(f"{path}: {name!r} holds a value that is not finite, the first in row {row}")
        return array


def _names_in(path: Path) -> set[str]:
    """The names of a file's arrays, as far as it can be read; what is wrong with it, `load` says."""
    if not path.is_file() or not zipfile.is_zipfile(path):
        return set()
    with zipfile.ZipFile(path) as file:
        return {name.removesuffix(".npy") for name in file.namelist()}


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"npz": NPZ}
