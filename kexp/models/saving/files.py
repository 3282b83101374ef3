"""Opening and replacing files: whole or not at all, and with errors that say which file."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kexp.errors import ArgumentError, DataError, MissingFileError

Name = str | os.PathLike[str]

WEIGHTS = "model.weights.h5"
"""The member of a .keras file that holds the weights."""


@contextmanager
def replacing(filepath: Name, overwrite: bool = True) -> Iterator[Path]:
    """A new file beside `filepath` that takes its place if nothing fails.

    Raises: ArgumentError if there is a file and `overwrite` is False.
    """
    target = Path(filepath)
    if target.is_dir():
        raise ArgumentError(f"{target} is a folder; give the name of a file")
    if target.exists() and not overwrite:
        raise ArgumentError(f"{target} exists already; give overwrite=True to replace it")
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    os.close(handle)
    try:
        yield Path(name)
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def hdf5(file: Any, mode: str = "r", shown: Name | None = None) -> Iterator[Any]:
    """An HDF5 file, by its path or open.

    Raises: MissingFileError; DataError if it is none.
    """
    import h5py  # at the door: slow to import

    shown = file if shown is None else shown
    if mode == "r" and not isinstance(file, io.IOBase) and not Path(file).is_file():
        raise MissingFileError(f"there is no file {file}")
    try:
        opened = h5py.File(file, mode)
    except OSError as error:
        if mode != "r":
            raise
        raise DataError(f"{shown} is no HDF5 file, or it is damaged: {error}") from error
    with opened:
        yield opened


@contextmanager
def archive(filepath: Name) -> Iterator[zipfile.ZipFile]:
    """A .keras file, which is a zip archive.

    Raises: MissingFileError; DataError if it is none.
    """
    path = Path(filepath)
    if not path.is_file():
        raise MissingFileError(f"there is no file {path}")
    try:
        opened = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError(f"{path} is no .keras file, or it is damaged: {error}") from error
    with opened:
        yield opened


def member(opened: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of a member of the archive.

    Raises: DataError if it is missing or damaged.
    """
    try:
        return opened.read(name)
    except KeyError:
        raise DataError(f"{opened.filename} is no .keras file: it has no member {name!r}") from None
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError) as error:
        raise DataError(f"{opened.filename} is damaged: {name}: {error}") from error


def keras_weights(filepath: Name) -> io.BytesIO:
    """The file of weights inside a .keras file."""
    with archive(filepath) as opened:
        return io.BytesIO(member(opened, WEIGHTS))
