"""Whole models and weights as Keras 1.2 to 2 wrote them: one HDF5 file, .h5, which Keras 3 opens too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from kexp.errors import DataError
from kexp.models.describing import model_from_config
from kexp.models.saving.compiling import compile_from
from kexp.models.saving.files import Name, hdf5, replacing
from kexp.models.saving.keras_config import compile_config, keras_config
from kexp.models.saving.keras_objects import read_objects
from kexp.models.saving.legacy_weights import WRITES_AS, read_arrays, read_groups, write_arrays, write_groups
from kexp.models.saving.preparing import take_preparation, written_preparation
from kexp.models.saving.variables import optimizer_arrays, read_optimizer
from kexp.version import __version__

LEFT_OUT = ("module", "registered_name", "build_config")
PREPARATION = "kexp_preparation"
COMPILED = ("loss", "loss_weights", "metrics", "weighted_metrics")


def save_legacy(model: Any, filepath: Name, overwrite: bool = True) -> None:
    """Write layers, weights, what `compile` was given and the optimizer's state.

    Raises: ArgumentError that names what cannot be written.
    """
    whole = keras_config(model)
    config = {"class_name": whole["class_name"], "config": _layers(whole["config"])}
    prepared = written_preparation(model.preparation)
    compiled = compile_config(model, as_objects=True)
    with replacing(filepath, overwrite) as path, hdf5(path, "w") as file:
        file.attrs.update({"keras_version": WRITES_AS, "backend": "jax"})
        file.attrs["model_config"] = json.dumps(config)
        if compiled is not None:
            optimizer = compiled.pop("optimizer")
            stated = _plain(compiled) | {"optimizer_config": _plain(optimizer) | {"config": optimizer["config"]}}
            file.attrs["training_config"] = json.dumps(stated)
        file.attrs["kexp_version"] = __version__
        file.create_dataset(PREPARATION, data=json.dumps(prepared))
        write_groups(file.create_group("model_weights"), model)
        if model.optimizer is not None and model.built:
            _write_optimizer(file.create_group("optimizer_weights"), model)


def load_legacy(filepath: Name, custom: Mapping[str, Any], *, compiled: bool = True) -> Any:
    """The model that `save_legacy`, or Keras 1.2 to 3, wrote."""
    with hdf5(filepath) as file:
        if "model_config" not in file.attrs:
            what = "weights alone; make the model and call load_weights" if "layer_names" in file.attrs else "no model"
            raise DataError(f"{filepath} holds {what}")
        older = _is_older(file)
        config = read_objects(_json(file, "model_config", filepath), custom, older)
        model = model_from_config(config, custom)
        if model.built:
            read_groups(file["model_weights"], model, source=str(filepath))
        if PREPARATION in file:
            take_preparation(model.preparation, json.loads(file[PREPARATION][()]))
        if compiled and "training_config" in file.attrs:
            stated = read_objects(_json(file, "training_config", filepath), custom, older)
            given = {name: stated.get(name) for name in COMPILED}
            given["optimizer"] = stated.get("optimizer_config", stated.get("optimizer", "rmsprop"))
            compile_from(model, given, custom, filepath)
            if "optimizer_weights" in file and model.built:
                _read_optimizer(file["optimizer_weights"], model)
    return model


def _write_optimizer(group: Any, model: Any) -> None:
    name = model.optimizer.name
    write_arrays(group, {f"{name}/variable_{i}": array for i, array in enumerate(optimizer_arrays(model))})


def _read_optimizer(group: Any, model: Any) -> None:
    arrays = read_arrays(group)
    if not read_optimizer(model, arrays) and arrays:
        read_optimizer(model, _alternating(model, arrays))


def _alternating(model: Any, arrays: list[Any]) -> list[Any]:
    """Keras 2's order, one kind of state after the other and no rate, in that of Keras 3."""
    count = len([weight for weight in model.trainable_weights if weight in model._flat.parts])
    slots = len(model.optimizer.slots)
    steps, rest = arrays[0], arrays[1 : 1 + slots * count]
    turned = [rest[slot * count + place] for place in range(count) for slot in range(slots)] if rest else []
    rate = [] if model.optimizer.schedule is not None else [np.float32(model.optimizer.learning_rate)]
    return [steps, *map(np.asarray, rate), *turned]


def _layers(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config of a model whose layers are written without what Keras 3 says of modules."""
    layers = [{name: entry[name] for name in entry if name not in LEFT_OUT} for entry in config["layers"]]
    inner = [entry | {"config": _layers(entry["config"])} if "layers" in entry["config"] else entry for entry in layers]
    return {**config, "layers": inner}


def _plain(value: Any) -> Any:
    """Without what Keras 3 says of modules, and functions as their names."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "function":
            return value["config"]
        return {key: _plain(inner) for key, inner in value.items() if key not in LEFT_OUT}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _json(file: Any, name: str, filepath: Name) -> dict[str, Any]:
    text = file.attrs[name]
    try:
        found = json.loads(text)
    except ValueError as error:
        raise DataError(f"{filepath} is damaged: {name} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise DataError(f"{filepath} is damaged: {name} holds no map")
    return found


def _is_older(file: Any) -> bool:
    """Whether Keras 1 or 2 wrote it."""
    version = file.attrs.get("keras_version", "1")
    version = version.decode() if isinstance(version, bytes) else str(version)
    return not version.startswith("3")
