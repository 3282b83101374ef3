"""Folders of files: their classes, their splits, their files."""

from __future__ import annotations

import os
from pathlib import Path

SPLITS = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}
"""Names of sub-folders that are splits, and what these are called."""
BY_SYSTEMS = ("thumbs.db", "desktop.ini")


def split_folders(folder: Path) -> dict[str, Path]:
    """The folder of each split: sub-folders with their names, else the folder itself as 'train'."""
    names = class_folders(folder)
    if "train" not in names or not set(names) <= set(SPLITS) or {"val", "validation"} <= set(names):
        return {"train": folder}
    return {SPLITS[name]: folder / name for name in sorted(names, key=list(SPLITS).index)}


def class_folders(folder: Path) -> list[str]:
    """The names of a folder's sub-folders in order; hidden ones do not count."""
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))


def files_below(folder: Path, follow_links: bool = False) -> list[str]:
    """All files in a folder and the folders in it, by folder and then by name; hidden ones do not count."""
    found: list[str] = []
    for place, _, names in sorted(os.walk(folder, followlinks=follow_links), key=lambda entry: entry[0]):
        seen = [name for name in sorted(names) if not name.startswith(".") and name.lower() not in BY_SYSTEMS]
        found += [os.path.join(place, name) for name in seen]  # noqa: PTH118 -- as fast as Keras'
    return found
