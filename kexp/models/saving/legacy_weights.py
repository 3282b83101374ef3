"""Weights in groups of an HDF5 file, one for each layer, as Keras 1.2 to 2 wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kexp.errors import ShapeError
from kexp.models.saving.variables import kept_states, places

WRITES_AS = "3.15.1"
LIMIT = 64_000
"""Bytes that an attribute of an HDF5 file may have."""


def write_groups(group: Any, model: Any) -> None:
    """All weights, in one group a layer."""
    _write_names(group, "layer_names", [layer.name for layer in model.layers])
    group.attrs.update({"keras_version": WRITES_AS, "backend": "jax"})
    for layer in model.layers:
        write_arrays(group.create_group(layer.name), _arrays(model, layer))
    write_arrays(group.create_group("top_level_model_weights"), {})


def read_groups(
    group: Any, model: Any, *, by_name: bool = False, skip_mismatch: bool = False, source: str = "the file"
) -> None:
    """Put the weights of the groups into the layers, one after the other, or `by_name`.

    Raises: ShapeError if their numbers or shapes differ.
    """
    stored = {name: read_arrays(group[name]) for name in _names(group, "layer_names")}
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


def write_arrays(group: Any, arrays: Mapping[str, Any]) -> None:
    """The arrays, and their names in order."""
    _write_names(group, "weight_names", list(arrays))
    for name, array in arrays.items():
        group.create_dataset(name, data=array)


def read_arrays(group: Any) -> list[Any]:
    """The arrays in the order of their names."""
    return [np.asarray(group[name]) for name in _names(group, "weight_names")]
