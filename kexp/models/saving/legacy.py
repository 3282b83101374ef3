"""Whole models and weights as Keras 1.2 to 2 wrote them: one HDF5 file, .h5, which Keras 3 opens too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from kexp.errors import DataError, ShapeError
from kexp.models.describing import model_from_config
from kexp.models.saving.compiling import compile_from
from kexp.models.saving.files import Name, hdf5, replacing
from kexp.models.saving.keras_config import compile_config, keras_config
from kexp.models.saving.keras_objects import read_objects
from kexp.models.saving.variables import kept_states, optimizer_arrays, places, read_optimizer

WRITES_AS = "3.15.1"
LIMIT = 64_000
"""Bytes that an attribute of an HDF5 file may have."""
COMPILED = ("loss", "loss_weights", "metrics", "weighted_metrics")


def save_legacy(model: Any, filepath: Name, overwrite: bool = True) -> None:
    """Write layers, weights, what `compile` was given and the optimizer's state.

    Raises: ArgumentError that names what cannot be written.
    """
    whole = _plain(keras_config(model))
    config = {"class_name": whole["class_name"], "config": whole["config"]}
    compiled = compile_config(model)
    with replacing(filepath, overwrite) as path, hdf5(path, "w") as file:
        file.attrs.update({"keras_version": WRITES_AS, "backend": "jax"})
        file.attrs["model_config"] = json.dumps(config)
        if compiled is not None:
            stated = _plain(compiled)
            stated["optimizer_config"] = stated.pop("optimizer")
            file.attrs["training_config"] = json.dumps(stated)
        write_groups(file.create_group("model_weights"), model)
        if model.optimizer is not None and model.built:
            _write_optimizer(file.create_group("optimizer_weights"), model)


def write_groups(group: Any, model: Any) -> None:
    """All weights, in one group a layer."""
    _write_names(group, "layer_names", [layer.name for layer in model.layers])
    group.attrs.update({"keras_version": WRITES_AS, "backend": "jax"})
    for layer in model.layers:
        _write_arrays(group.create_group(layer.name), _arrays(model, layer))
    _write_arrays(group.create_group("top_level_model_weights"), {})


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
        if compiled and "training_config" in file.attrs:
            stated = read_objects(_json(file, "training_config", filepath), custom, older)
            given = {name: stated.get(name) for name in COMPILED}
            given["optimizer"] = stated.get("optimizer_config", stated.get("optimizer", "rmsprop"))
            compile_from(model, given, custom, filepath)
            if "optimizer_weights" in file and model.built:
                _read_optimizer(file["optimizer_weights"], model)
    return model


def read_groups(
    group: Any, model: Any, *, by_name: bool = False, skip_mismatch: bool = False, source: str = "the file"
) -> None:
    """Put the weights of the groups into the layers, one after the other, or `by_name`.

    Raises: ShapeError if their numbers or shapes differ.
    """
    stored = {name: _read_arrays(group[name]) for name in _names(group, "layer_names")}
    stored = {name: arrays for name, arrays in stored.items() if arrays}
    layers = [layer for layer in model.layers if layer.weights or kept_states(model, layer)]
    if by_name:
        pairs = [(layer, stored[layer.name]) for layer in layers if layer.name in stored]
    else:
        if len(layers) != len(stored):
            raise ShapeError(
                f"{source} has weights for {len(stored)} layers ({', '.join(stored)}); model {model.name!r} has "
                f"{len(layers)} with weights ({', '.join(layer.name for layer in layers)})"
            )
        pairs = list(zip(layers, stored.values(), strict=True))
    todo = []
    for layer, arrays in pairs:
        weights = _ordered(layer)
        wanted, found = [weight.shape for weight in weights], [array.shape for array in arrays]
        if wanted != found[: len(wanted)] or len(found) - len(wanted) not in (0, len(kept_states(model, layer))):
            if skip_mismatch:
                continue
            shown = [", ".join(map(str, shapes)) for shapes in (wanted, found)]
            raise ShapeError(f"layer {layer.name!r} has weights {shown[0]}. Received, from {source}: {shown[1]}")
        todo += list(zip(weights, arrays, strict=False))
    for weight, array in todo:
        weight.assign(array)


def _ordered(layer: Any) -> list[Any]:
    """Weights in the order of Keras: those that learn now, then the others."""
    return sorted(layer.weights, key=lambda weight: not weight.trainable)


def _arrays(model: Any, layer: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for weight in _ordered(layer):
        path = weight.path if weight.path.startswith(f"{layer.name}/") else f"{layer.name}/{weight.path}"
        found[path if path not in found else f"{path}_{len(found)}"] = weight.numpy()
    inner = [one for _, one in places(layer)]
    states = [state for one in inner for state in kept_states(model, one)]
    return found | {f"{layer.name}/state_{i}": state for i, state in enumerate(states)}


def _write_optimizer(group: Any, model: Any) -> None:
    name = model.optimizer.name
    _write_arrays(group, {f"{name}/variable_{i}": array for i, array in enumerate(optimizer_arrays(model))})


def _read_optimizer(group: Any, model: Any) -> None:
    arrays = _read_arrays(group)
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


# --- attributes ---------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """Without what Keras 3 says of modules; older readers do not expect it."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "DTypePolicy":
            return value["config"]["name"]
        if value.get("class_name") == "function":
            return value["config"]
        left_out = ("module", "registered_name", "build_config")
        return {key: _plain(inner) for key, inner in value.items() if key not in left_out}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _write_names(group: Any, name: str, names: list[str]) -> None:
    """A list of names; one that is too long for an attribute is cut into several, as in Keras."""
    data = np.asarray([text.encode("utf-8") for text in names]) if names else np.zeros(0)
    parts = 1
    while any(part.nbytes > LIMIT for part in np.array_split(data, parts)):
        parts += 1
    for number, part in enumerate(np.array_split(data, parts)):
        group.attrs[name if parts == 1 else f"{name}{number}"] = part


def _names(group: Any, name: str) -> list[str]:
    values = list(group.attrs[name]) if name in group.attrs else []
    number = 0
    while f"{name}{number}" in group.attrs:
        values += list(group.attrs[f"{name}{number}"])
        number += 1
    return [value.decode("utf-8") if isinstance(value, bytes) else str(value) for value in values]


def _write_arrays(group: Any, arrays: Mapping[str, Any]) -> None:
    _write_names(group, "weight_names", list(arrays))
    for name, array in arrays.items():
        group.create_dataset(name, data=array)


def _read_arrays(group: Any) -> list[Any]:
    return [np.asarray(group[name]) for name in _names(group, "weight_names")]


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
