"""load_model and save_model: which format a file has, and names for what stands in it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp.models.model import Model
from kexp.models.saving.files import Name
from kexp.models.saving.keras_file import load_keras, save_keras
from kexp.models.saving.legacy import load_legacy, save_legacy

HDF5 = (".h5", ".hdf5")
_custom: dict[str, Any] = {}


def save_model(model: Any, filepath: Name, overwrite: bool = True, zipped: bool | None = None) -> None:
    """Write the model to a file that `load_model` reads, and Keras 3 as well: .keras, or the older .h5.

    Layers, weights, the arguments of `compile` and the optimizer's state; .keras files hold the pipelines, labels and
    random streams too. The file appears, or is replaced, when all of it is written.
    Raises: ArgumentError that names what cannot be written.
    """
    if zipped is False:
        raise ArgumentError("zipped must be True or None: folders are not written. Received: False")
    if str(filepath).endswith(HDF5):
        save_legacy(model, filepath, overwrite)
    elif str(filepath).endswith(".keras"):
        save_keras(model, filepath, overwrite)
    else:
        raise ArgumentError(f"the name of a model's file ends in .keras (or .h5, of Keras 2). Received: {filepath}")


def load_model(
    filepath: Name, custom_objects: Mapping[str, Any] | None = None, compile: bool = True, safe_mode: bool = True
) -> Any:
    """The model that was saved, by kexp or by Keras, with its weights, compiled as it was, with the optimizer's state.

    `custom_objects`: your own classes and functions, by the names that stand in the file, unless they are plugins.
    `compile`: False leaves loss and optimizer out. Code that a file holds is never run, whatever `safe_mode` says.
    Raises: MissingFileError; DataError for a file that is damaged, or newer than what can be read; UnknownNameError
    for a class that is not known.
    """
    path = Path(filepath)
    if not path.is_file():
        raise MissingFileError(f"there is no file {path}")
    custom = {**_custom, **(custom_objects or {})}
    if zipfile.is_zipfile(path):
        return load_keras(path, custom, compiled=compile)
    with path.open("rb") as file:
        start = file.read(8)
    if start == b"\x89HDF\r\n\x1a\n":
        return load_legacy(path, custom, compiled=compile)
    raise DataError(f"{path} is neither a .keras nor an .h5 file, or it is damaged")


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[Any], Any]:
    """A decorator: `load_model` finds the class or function by its name, without `custom_objects`."""

    def register(thing: Any) -> Any:
        short = name or thing.__name__
        _custom.update({short: thing, thing.__name__: thing, f"{package}>{short}": thing})
        return thing

    return register


def get_custom_objects() -> dict[str, Any]:
    """The registered classes and functions by their names; may be changed."""
    return _custom


@contextmanager
def custom_object_scope(custom_objects: Mapping[str, Any]) -> Iterator[None]:
    """Within it, `load_model` knows these classes and functions."""
    before = dict(_custom)
    _custom.update(custom_objects)
    try:
        yield
    finally:
        _custom.clear()
        _custom.update(before)


Model._save = staticmethod(save_model)  # here, for what is read is a model
