"""NPY: arrays in .npy files, read in batches, so that they may be larger than memory."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Any

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.runs import RunSource, read_bytes

MAGIC = b"\x93NUMPY"


class NPY(Dataset):
    """Samples in .npy files as numpy.save writes them, one along the first axis; read when they are needed.

    Shapes: x (n, ...) and y (n, ...) as stored, numbers of any size. `x` and `y` are names of files; y null: there
    are no targets. `x_test` and `y_test` make the test split. Training shuffles within groups of pieces of 1 MiB.
    Raises: MissingFileError; DataError if a file is damaged or cut off, holds no array of numbers, lies in Fortran
    order, lengths differ, or a value that is read is not finite.
    """

    def __init__(self, x: str, y: str | None = None, x_test: str | None = None, y_test: str | None = None) -> None:
        for name, value in (("x", x), ("y", y), ("x_test", x_test), ("y_test", y_test)):
            if (value is not None or name == "x") and (not value or not isinstance(value, str | os.PathLike)):
                raise ArgumentError(f"{name} must be the name of a file. Received: {value!r}")
        if (x_test is None) != (y_test is None) and y is not None:
            raise ArgumentError("x_test and y_test go together")
        if y is None and y_test is not None:
            raise ArgumentError("y_test needs y: there are no training targets")
        self.x, self.y, self.x_test, self.y_test = x, y, x_test, y_test
        self.splits = ("train",) if x_test is None else ("train", "test")

    def load(self) -> dict[str, Split]:
        splits = {"train": _split(self.x, self.y)}
        if self.x_test is not None:
            splits["test"] = _split(self.x_test, self.y_test)
        return splits


class NPYSource(RunSource):
    """One .npy file, read by place in the file, so that no pages of it stay with the process."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        place = Path(path).expanduser()
        self.where = str(place)
        if not place.is_file():
            raise MissingFileError(f"the file {place} is not there")
        self.shape, fortran, self.kept_as, self._start = _header(place)
        if self.kept_as.kind not in "biuf":
            raise DataError(f"{place} holds values of dtype {self.kept_as}, and numbers are needed")
        if not self.shape:
            raise DataError(f"{place} holds a single value, and rows are needed")
        if fortran and len(self.shape) > 1:
            raise DataError(
                f"{place} lies in Fortran order, column by column. Save it row by row: "
                "np.save(file, np.ascontiguousarray(x))"
            )
        if not len(self):
            raise DataError(f"{place} has no rows: shape {self.shape}")
        size, wanted = place.stat().st_size, self._start + len(self) * self.nbytes_per_row
        if size < wanted:
            raise DataError(f"{place} is cut off: an array {self.shape} needs {wanted} bytes, and the file has {size}")
        self._stored_as, self.kept_as = self.kept_as, self.kept_as.newbyteorder("=")
        self.chunk_rows = self.rows_per_chunk()
        self._file = os.open(place, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    def read(self, start: int, stop: int, out: np.ndarray[Any, Any]) -> None:
        """Read rows straight into `out`."""
        buffer = out if self._stored_as.isnative else np.empty(out.shape, self._stored_as)
        read_bytes(self._file, self._start + start * self.nbytes_per_row, buffer)
        if buffer is not out:
            out[...] = buffer


def _header(path: Path) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise DataError(f"{path} is not a .npy file as numpy.save writes it")
        file.seek(0)
        try:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(file)
        except (ValueError, EOFError) as error:
            raise DataError(f"{path}: the header of the .npy file is damaged: {error}") from error
        return shape, fortran, dtype, file.tell()


def _split(x: str, y: str | None) -> Split:
    inputs = NPYSource(x)
    if y is None:
        return Split(inputs)
    targets = NPYSource(y)
    if len(inputs) != len(targets):
        raise DataError(f"{inputs.where} has {len(inputs)} rows and {targets.where} has {len(targets)}")
    return Split(inputs, targets)


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"npy": NPY}
