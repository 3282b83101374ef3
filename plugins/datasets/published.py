"""Reads files that others published: found by name, checked by hash."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kexp.core.files import DataFile, check_hash, find_files, have_files, open_data

Array = np.ndarray[Any, Any]


def find_file(dataset: str, file: DataFile, path: str | os.PathLike[str] | None) -> Path:
    """The place of the one file of a data set; `path` may be its folder or the file itself, whatever its name.

    Raises: MissingFileError and DataError as `find_files`.
    """
    if path is not None and (place := Path(path).expanduser()).is_file():
        return find_files(dataset, [replace(file, name=place.name)], place.parent)[0]
    return find_files(dataset, [file], path)[0]


def find_any(dataset: str, files: Sequence[DataFile], path: str | os.PathLike[str] | None) -> tuple[Path, DataFile]:
    """The place of one of several files that hold the same data, and which of them it is.

    It is the first that is on this computer, else the first, downloaded. `path` as in `find_file`: a file is taken
    for the one with the same suffix.
    """
    if path is not None and Path(path).expanduser().is_file():
        suffix = _suffix(os.fspath(path))
        fitting = [file for file in files if _suffix(file.name) == suffix]
    else:
        fitting = [file for file in files if have_files(dataset, [file], path)]
    chosen = (fitting or files)[0]
    return find_file(dataset, chosen, path), chosen


def _suffix(name: str) -> str:
    return Path(name.removesuffix(".gz")).suffix


def read_content(path: Path, sha256: str) -> bytes:
    """What is in a file, uncompressed if it is gzipped.

    Raises: DataError if its hash is another, or the gzip data are damaged.
    """
    with open_data(path) as file:
        content = file.read()
    check_hash(path, hashlib.sha256(content).hexdigest(), sha256)
    return content


def read_frame(path: Path, sha256: str, **how: Any) -> Any:
    """The DataFrame in a CSV file whose content has this hash; `how`: arguments of pandas.read_csv.

    Raises: DataError as `read_content`.
    """
    import pandas  # at the door: slow to import

    return pandas.read_csv(io.BytesIO(read_content(path, sha256)), **how)


def read_arrays(path: Path, *names: str) -> list[Array]:
    """The arrays of these names in an npz file."""
    with np.load(path, allow_pickle=False) as stored:
        return [stored[name] for name in names]
