"""Weights alone: .weights.h5 files as Keras 3 writes them, and the older .h5 ones."""

from __future__ import annotations

from typing import Any

from kexp.errors import ArgumentError, DataError, StateError
from kexp.models.saving.files import Name, hdf5, keras_weights, replacing
from kexp.models.saving.legacy_weights import read_groups, write_groups
from kexp.models.saving.variables import read_weights, write_weights

ENDINGS = (".h5", ".hdf5", ".keras")


def save_weights(model: Any, filepath: Name, overwrite: bool = True, max_shard_size: Any = None) -> None:
    """Write the model's weights: to .weights.h5 as Keras 3 does, to another .h5 as Keras 2 did.

    Raises: StateError if the model is not built; ArgumentError for another ending.
    """
    if max_shard_size is not None:
        raise ArgumentError(f"max_shard_size must be None: weights go to one file. Received: {max_shard_size!r}")
    _require_built(model, "save")
    if not str(filepath).endswith(ENDINGS[:2]):
        raise ArgumentError(f"the name of a file of weights ends in .weights.h5. Received: {filepath}")
    newer = str(filepath).endswith("weights.h5")
    with replacing(filepath, overwrite) as path, hdf5(path, "w") as file:
        (write_weights if newer else write_groups)(file, model)


def load_weights(model: Any, filepath: Name, skip_mismatch: bool = False, by_name: bool = False) -> None:
    """Put the weights of a file into the model: .weights.h5, .keras, or the older .h5, whole models included.

    `skip_mismatch`: layers whose weights do not fit are left as they are, with a warning. `by_name`: only the layers
    whose names stand in the file, an older .h5.
    Raises: StateError if the model is not built; ShapeError if weights do not fit; MissingFileError; DataError.
    """
    _require_built(model, "load")
    if not str(filepath).endswith(ENDINGS):
        raise ArgumentError(f"the name of a file of weights ends in .weights.h5, .h5 or .keras. Received: {filepath}")
    inside = keras_weights(filepath) if str(filepath).endswith(".keras") else filepath
    with hdf5(inside, shown=filepath) as file:
        group = file.get("model_weights", file)
        if "layer_names" in group.attrs or "layer_names0" in group.attrs:
            read_groups(group, model, by_name=by_name, skip_mismatch=skip_mismatch, source=str(filepath))
        elif by_name:
            raise ArgumentError(f"by_name=True needs an .h5 file of Keras 2's form; {filepath} is of Keras 3's")
        elif "vars" not in file and "layers" not in file and "_layer_checkpoint_dependencies" not in file:
            raise DataError(f"{filepath} holds no weights of a model")
        else:
            read_weights(file, model, skip_mismatch=skip_mismatch, source=str(filepath))


def _require_built(model: Any, what: str) -> None:
    if not model.built:
        raise StateError(
            f"model {model.name!r} has no weights to {what} yet: its input shape is not known. Give the first layer an "
            "input_shape, call build((None, ...)), or fit it on data"
        )
