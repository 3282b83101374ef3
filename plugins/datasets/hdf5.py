"""HDF5: arrays in an HDF5 file, read in batches, so that they may be larger than memory."""

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

SPLITS = ("train", "validation", "test")


class HDF5(Dataset):
    """Samples in an HDF5 file, one along the first axis of each dataset; batches are read when they are needed.

    Shapes: x (n, ...) and y (n, ...) as stored, numbers of any size. `x` and `y` name datasets of the file, by a
    path such as 'images/small'; a list names several inputs or outputs. y null: there are no targets.
    Where the file has a group 'train', its groups train, validation and test are the splits and the names are
    looked up in each; else the whole file is the training split.
    Training shuffles within groups of chunks: permuted pieces of about 1 MiB, or whole chunks of the file.
    Raises: MissingFileError; DataError if the file is damaged, a dataset is missing or no array of numbers, lengths
    differ, or a value that is read is not finite.
    """

    def __init__(self, path: str, x: str | list[str] = "x", y: str | list[str] | None = "y") -> None:
        if not path or not isinstance(path, str | os.PathLike):
            raise ArgumentError(f"path must be the name of a file. Received: {path!r}")
        self.path = path
        self.x, self.y = x, y
        self._inputs = _names("x", x)
        self._targets = [] if y is None else _names("y", y)
        self.splits = _splits_in(Path(path).expanduser())

    def load(self) -> dict[str, Split]:
        path = Path(self.path).expanduser()
        file = _opened(path)
        if isinstance(file.get("train"), type(file["/"])):
            return {name: self._split(path, file[name], f"{name}/") for name in SPLITS if name in file}
        return {"train": self._split(path, file, "")}

    def _split(self, path: Path, group: Any, prefix: str) -> Split:
        xs = [_source(path, group, name, prefix) for name in self._inputs]
        ys = [_source(path, group, name, prefix) for name in self._targets]
        lengths = {source.name: len(source) for source in (*xs, *ys)}
        if len(set(lengths.values())) > 1:
            found = ", ".join(f"{name!r} has {n}" for name, n in lengths.items())
            raise DataError(f"{path}: all datasets must have the same number of rows: {found}")
        if not len(xs[0]):
            raise DataError(f"{path}: {xs[0].name!r} has no rows")
        y = None if self.y is None else ys if isinstance(self.y, list) else ys[0]
        return Split(xs if isinstance(self.x, list) else xs[0], y)


class HDF5Source(RunSource):
    """One dataset of an open HDF5 file.

    Where it lies in one piece, as numbers of this machine, it is read by its place in the file; else by h5py, which
    lets one thread at a time read while others work.
    """

    def __init__(self, path: Path, name: str, stored: Any) -> None:
        self.name, self.where = name, f"{path}, dataset {name!r}"
        self.shape, self.kept_as = tuple(stored.shape), stored.dtype.newbyteorder("=")
        self._stored = stored
        self.chunk_rows = self.rows_per_chunk(stored.chunks[0] if stored.chunks else 1)
        whole = stored.dtype.isnative and not stored.is_virtual and not stored.file.userblock_size
        self._place = stored.id.get_offset() if whole else None
        if self._place is not None:
            self._bytes = os.open(path, os.O_RDONLY)
            weakref.finalize(self, os.close, self._bytes)

    def read(self, start: int, stop: int, out: np.ndarray[Any, Any]) -> None:
        """Read rows; chunks that are compressed are unpacked by h5py."""
        if self._place is not None:
            read_bytes(self._bytes, self._place + start * self.nbytes_per_row, out)
            return
        self._stored.read_direct(out, np.s_[start:stop])


def _names(argument: str, names: Any) -> list[str]:
    found = names if isinstance(names, list | tuple) else [names]
    if not found or not all(isinstance(name, str) and name for name in found):
        raise ArgumentError(f"{argument} must name a dataset of the file, or be a list of names. Received: {names!r}")
    return list(found)


def _splits_in(path: Path) -> tuple[str, ...]:
    """The splits that a file has, as far as it can be read; what is wrong with it, `load` says."""
    import h5py  # at the door: slow to import

    if not path.is_file() or not h5py.is_hdf5(path):
        return ("train",)
    try:
        with h5py.File(path, "r") as file:
            groups = [name for name in SPLITS if isinstance(file.get(name), h5py.Group)]
    except OSError:
        return ("train",)
    return tuple(groups) if "train" in groups else ("train",)


def _opened(path: Path) -> Any:
    import h5py  # at the door: slow to import

    if not path.is_file():
        raise MissingFileError(f"the HDF5 file {path} is not there")
    if not path.stat().st_size:
        raise DataError(f"{path}: the file is empty")
    try:
        return h5py.File(path, "r")
    except OSError as error:
        if not h5py.is_hdf5(path):
            raise DataError(f"{path} is not an HDF5 file") from error
        raise DataError(f"{path}: the HDF5 file is damaged or cut off: {error}") from error


def _source(path: Path, group: Any, name: str, prefix: str) -> HDF5Source:
    found = group.get(name)
    if found is None or not hasattr(found, "dtype"):
        there: list[str] = []
        group.visititems(lambda key, item: there.append(key) if hasattr(item, "dtype") else None)
        told = f"has no dataset {name!r}" if found is None else f"holds a group {name!r}, and a dataset is needed"
        inside = f" in the group {prefix.rstrip('/')!r}" if prefix else ""
        raise DataError(f"{path} {told}{inside}. There are: {', '.join(there) or 'none'}")
    if found.dtype.kind not in "biuf":
        kind = "texts" if found.dtype.kind in "OSU" else f"values of dtype {found.dtype}"
        raise DataError(f"{path}, dataset {prefix + name!r} holds {kind}, and numbers are needed")
    if not found.shape:
        raise DataError(f"{path}, dataset {prefix + name!r} is a single value, and rows are needed")
    return HDF5Source(path, prefix + name, found)


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"hdf5": HDF5}
