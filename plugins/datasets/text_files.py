"""Text files: found in folders, read and decoded."""

from __future__ import annotations

import codecs
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kexp.core.source import Rows
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp_plugins.datasets.folders import files_below
from kexp_plugins.transforms.texts import object_array

FORMAT = ".txt"


class TextFiles:
    """Text files as a source: each is read when it is asked for; `take` gives an object array of texts (n,)."""

    def __init__(self, paths: Sequence[str], encoding: str = "utf-8", max_length: int | None = None) -> None:
        self.paths, self.encoding, self.max_length = list(paths), encoding, max_length
        self.shape = (len(self.paths),)

    def __len__(self) -> int:
        return len(self.paths)

    def take(self, rows: Rows) -> np.ndarray[Any, Any]:
        """The texts of these rows."""
        numbers = range(*rows.indices(len(self))) if isinstance(rows, slice) else np.asarray(rows).tolist()
        return object_array([read_text(self.paths[row], self.encoding)[: self.max_length] for row in numbers])


def read_text(path: str | os.PathLike[str], encoding: str) -> str:
    """What is in a text file, without the mark by which some editors begin it.

    Raises: MissingFileError; DataError that names the byte that is none of this encoding, or if the file is empty.
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise MissingFileError(f"there is no text file {path}") from None
    if not content:
        raise DataError(f"{path}: the file is empty. Remove it, or write its text")
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: byte {error.start} (0x{content[error.start]:02x}) is no {encoding}. Give the encoding that the "
            "file has, such as cp1252, or write it anew in this one"
        ) from None


def text_paths(folder: Path, *, follow_links: bool = False) -> list[str]:
    """The text files in a folder and the folders in it, by folder and then by name; hidden ones do not count."""
    return [path for path in files_below(folder, follow_links) if path.lower().endswith(FORMAT)]


def checked_encoding(encoding: Any) -> str:
    """`encoding`, if Python knows it."""
    try:
        codecs.lookup(encoding)
    except (LookupError, TypeError):
        raise ArgumentError(f"encoding must be one that Python knows, such as utf-8. Received: {encoding!r}") from None
    return str(encoding)


def text_folder_at(path: Any) -> Path:
    """`path` as a folder.

    Raises: MissingFileError if it is not there; DataError if it is a file.
    """
    folder = Path(path).expanduser()
    if not folder.exists():
        raise MissingFileError(f"there is no folder {folder}")
    if not folder.is_dir():
        raise DataError(f"{folder} is a file; a folder of texts was expected")
    return folder
