"""Checkpoint files: a tree of dicts, arrays and plain values in one .npz file that is whole or not there at all."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kexp.errors import ArgumentError, DataError, MissingFileError

TREE = "tree.json"
"""The member that holds all but the arrays."""


def write_tree(path: str | os.PathLike[str], tree: Mapping[str, Any]) -> None:
    """Write `tree`, such as `model.get_state_tree()`; an older file of that name is replaced in one step.

    Values may be dicts with text keys, lists, arrays of numbers, numbers, texts, booleans and None.
    """
    place = Path(path)
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    plain = json.dumps(_plain(tree, arrays))
    arrays[TREE] = np.frombuffer(plain.encode(), dtype=np.uint8)
    part = place.with_name(f"{place.name}.part")  # one name, so that what a kill leaves behind is written over
    try:
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # else the new name may be lost with the power
    finally:
        os.close(folder)


def read_tree(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The tree that `write_tree` wrote.

    Raises: MissingFileError; DataError if the file is damaged or something else.
    """
    place = Path(path)
    if not place.is_file():
        raise MissingFileError(f"the checkpoint {place} is not there")
    try:
        with np.load(place, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        tree = json.loads(arrays.pop(TREE).tobytes())
        return dict(_whole(tree, arrays))
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise DataError(f"{place} is not a checkpoint, or it is damaged: {error}") from error


def _plain(value: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    """`value` with its arrays moved to `arrays`, and their numbers in their places."""
    if isinstance(value, np.ndarray):
        name = str(len(arrays))
        arrays[name] = value
        return {"array": name}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        wrong = next((key for key in value if not isinstance(key, str)), None)
        if wrong is not None:
            raise ArgumentError(f"keys of a checkpoint's tree must be texts. Received: {wrong!r}")
        return {"map": {key: _plain(inner, arrays) for key, inner in value.items()}}
    if isinstance(value, list | tuple):
        return [_plain(inner, arrays) for inner in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ArgumentError(f"a checkpoint's tree holds arrays and plain values. Received: a {type(value).__name__}")


def _whole(value: Any, arrays: Mapping[str, np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, list):
        return [_whole(inner, arrays) for inner in value]
    if isinstance(value, dict):
        if "array" in value:
            return arrays[value["array"]]
        return {key: _whole(inner, arrays) for key, inner in value["map"].items()}
    return value
