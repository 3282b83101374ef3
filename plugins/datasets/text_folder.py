"""Text folder: text files in a folder for each class."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.folders import class_folders, files_below, split_folders
from kexp_plugins.datasets.text_files import FORMAT, TextFiles, checked_encoding, text_folder_at, text_paths

"""Names of folders that hold a split each, if a folder holds nothing else and 'train' is among them."""


class TextFolder(Dataset):
    """Text files (.txt), a folder for each class: `path`/pos/1.txt, `path`/neg/2.txt.

    Labels are the numbers of the folders in order of their names, or in that of `class_names`, which may leave folders
    out. A folder with sub-folders train, validation (or val) and test alone gives these splits, each with folders for
    the classes; else all is 'train'. Files lie in order of folder and name.
    Shapes: x an object array of texts (n,), decoded from `encoding`; y int32 (n,).
    Raises: MissingFileError if there is no such folder; DataError for a class without texts, a single class, other
    files among the texts, and a file that is empty or not in this encoding.
    """

    def __init__(self, path: str, encoding: str = "utf-8", class_names: list[str] | None = None) -> None:
        if not path or not isinstance(path, str | os.PathLike):
            raise ArgumentError(f"path must be the name of a folder. Received: {path!r}")
        self.path = path
        self.encoding = checked_encoding(encoding)
        if class_names is not None and len(set(class_names)) != len(class_names):
            raise ArgumentError(f"class_names must be different names. Received: {class_names!r}")
        self.class_names = class_names

    @property
    def splits(self) -> tuple[str, ...]:  # type: ignore[override]
        """The names of the splits, as the folder has them; nothing but its sub-folders' names is read."""
        folder = Path(self.path).expanduser()
        return tuple(split_folders(folder)) if folder.is_dir() else ("train",)

    @property
    def classes(self) -> list[str]:
        """The names of the classes, in the order of their labels."""
        return self._names(split_folders(text_folder_at(self.path))["train"])

    def load(self) -> dict[str, Split]:
        folders = split_folders(text_folder_at(self.path))
        names = self._names(folders["train"])
        return {split: self._split(folder, names) for split, folder in folders.items()}

    def _names(self, folder: Path) -> list[str]:
        """The classes of the training folder."""
        found = class_folders(folder)
        if not found:
            raise DataError(f"{folder} holds no folders: put the texts of each class into a folder of its own")
        missing = [name for name in self.class_names or [] if name not in found]
        if missing:
            raise DataError(f"{folder} has no folder {missing[0]!r}. Its folders: {', '.join(found)}")
        names = found if self.class_names is None else list(self.class_names)
        if len(names) < 2:
            raise DataError(
                f"{folder} holds one class alone, {names[0]!r}: there is nothing to tell apart. "
                "Add folders of other classes"
            )
        return names

    def _split(self, folder: Path, names: list[str]) -> Split:
        unknown = [name for name in class_folders(folder) if name not in names and self.class_names is None]
        if unknown:
            raise DataError(f"{folder} has a folder {unknown[0]!r}, which is no class: {', '.join(names)}")
        each = [_texts(folder / name) for name in names]
        x = TextFiles([path for paths in each for path in paths], self.encoding).take(slice(None))
        return Split(x, np.repeat(np.arange(len(names), dtype=np.int32), [len(paths) for paths in each]))


def _texts(folder: Path) -> list[str]:
    """The paths of the texts of one class."""
    if not folder.is_dir():
        raise DataError(f"{folder.parent} has no folder {folder.name!r}, which is a class")
    paths = text_paths(folder)
    other = next((path for path in files_below(folder) if path not in set(paths)), None)
    if other is not None:
        raise DataError(f"{other} is no text ({FORMAT}). Take it out of the folder")
    if not paths:
        raise DataError(f"{folder} holds no texts ({FORMAT})")
    return paths


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"text_folder": TextFolder}
