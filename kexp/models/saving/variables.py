"""Weights and the optimizer's state in an HDF5 file, in the places where Keras 3 puts them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from kexp.core.component import snake_case
from kexp.errors import ShapeError, StateError

Values = np.ndarray[Any, Any]
SKIPPED = ("_parent", "model", "_body", "_layers", "node", "_home")
OPTIMIZER = "optimizer/vars"
OWN_STATE = "kexp/optimizer"


class WeightsMismatch(UserWarning):
    """Weights of a file that were left out, for they do not fit the model."""


def places(owner: Any, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Every layer of a model with its path in the file, each once, at the first place where Keras meets it."""
    seen = set() if seen is None else seen
    if id(owner) in seen:
        return
    seen.add(id(owner))
    if not hasattr(owner, "form"):
        yield path, owner
    for name, inner in _children(owner):
        yield from places(inner, f"{path}/{name}".lstrip("/"), seen)


def _children(owner: Any) -> Iterator[tuple[str, Any]]:
    if hasattr(owner, "form") and owner._body is None:
        yield from _contained("layers", owner.layers)
        return
    attributes = sorted((name for name in vars(owner) if name not in SKIPPED), key=_private_last)
    for name in attributes:
        value = vars(owner)[name]
        if hasattr(value, "_weights") or hasattr(value, "form"):
            yield name, value
        elif isinstance(value, list | tuple | dict):
            yield from _contained(name, list(value.values()) if isinstance(value, dict) else value)


def _contained(path: str, values: Any) -> Iterator[tuple[str, Any]]:
    counts: dict[str, int] = {}
    for value in values:
        if hasattr(value, "_weights"):
            kind = snake_case(type(value).__name__)
        elif hasattr(value, "form"):
            kind = value.form if value._body is None else snake_case(type(value).__name__)
        elif isinstance(value, list | tuple | dict):
            kind = "container"
        else:
            continue
        number = counts[kind] = counts.get(kind, -1) + 1
        name = f"{path}/{kind}_{number}" if number else f"{path}/{kind}"
        if kind == "container" and isinstance(value, list | tuple | dict):
            yield from _contained(name, list(value.values()) if isinstance(value, dict) else value)
        else:
            yield name, value


def _private_last(name: str) -> str:
    return f"~{name}" if name.startswith("_") else name


def groups(layer: Any) -> dict[str, list[Any]]:
    """A layer's own weights by the place below it, those that learn first; '' is the layer's own place.

    A layer may state `weight_places`, from the beginnings of its weights' names to places, where Keras' namesake has
    layers inside.
    """
    own = sorted(layer._weights.values(), key=lambda weight: not weight.learns)
    prefixes: Mapping[str, str] = getattr(layer, "weight_places", {})
    found: dict[str, list[Any]] = {"": []}
    for weight in own:
        place = next((place for prefix, place in prefixes.items() if weight.name.startswith(prefix)), "")
        found.setdefault(place, []).append(weight)
    return found


def write_weights(file: Any, model: Any) -> None:
    """All weights of the model, and the states of stateful layers."""
    top = file.create_group("vars")
    top.attrs["name"] = model.name
    for path, layer in places(model):
        for place, weights in groups(layer).items():
            below = file.require_group("/".join(part for part in (path, place, "vars") if part))
            below.attrs["name"] = place or layer.name
            arrays = [weight.numpy() for weight in weights]
            for number, array in enumerate(arrays if place else [*arrays, *kept_states(model, layer)]):
                below.create_dataset(str(number), data=array)


def kept_states(model: Any, layer: Any) -> list[Values]:
    """The states that a stateful recurrent layer keeps, which Keras writes with the weights; zeros if none yet."""
    if not getattr(layer, "stateful", False) or not hasattr(layer, "cell"):
        return []
    if layer.states is not None:
        return [np.array(layer.backend.to_host(state)) for state in layer.states]
    n = model.inputs[0].shape[0] if model.built else None
    sizes = _flat(layer.state_size)
    return [] if n is None else [np.zeros((n, size), dtype=layer.dtype) for size in sizes]


def _flat(sizes: Any) -> list[int]:
    return [size for part in sizes for size in _flat(part)] if isinstance(sizes, list | tuple) else [int(sizes)]


def read_weights(file: Any, model: Any, *, skip_mismatch: bool = False, source: str = "the file") -> None:
    """Put the weights of the file into the model; none is changed if one does not fit, unless `skip_mismatch`.

    Raises: ShapeError that names the layer, its shapes and those of the file.
    """
    early = "_layer_checkpoint_dependencies" in file  # the name that the first releases of Keras 3 gave
    todo: list[Callable[[], None]] = []
    problems: list[str] = []
    for path, layer in places(model):
        for place, weights in groups(layer).items():
            where = "/".join(part for part in (path, place, "vars") if part)
            where = where.replace("layers/", "_layer_checkpoint_dependencies/") if early else where
            stored = _stored(file, where)
            problem = _misfit(layer, weights, stored)
            if problem:
                problems.append(problem)
                continue
            todo += [_assigning(weight, value) for weight, value in zip(weights, stored, strict=False)]
            if len(stored) > len(weights):
                todo.append(_keeping(layer, stored[len(weights) :]))
    if problems and not skip_mismatch:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise ShapeError(f"the weights of {source} do not fit model {model.name!r}: {problems[0]}{more}")
    for problem in problems:
        warnings.warn(f"weights left as they were: {problem}", WeightsMismatch, stacklevel=4)
    for step in todo:
        step()


def _stored(file: Any, where: str) -> list[Values]:
    group = file.get(where)
    return [] if group is None else [np.asarray(group[name]) for name in sorted(group, key=int)]


def _misfit(layer: Any, weights: list[Any], stored: list[Values]) -> str:
    wanted, found = [weight.shape for weight in weights], [array.shape for array in stored]
    extra = len(found) - len(wanted) if getattr(layer, "stateful", False) else 0
    if wanted == found[: len(found) - max(extra, 0)]:
        return ""
    shown = [", ".join(map(str, shapes)) or "none" for shapes in (wanted, found)]
    return f"layer {layer.path!r} ({type(layer).__name__}) has weights of the shapes {shown[0]}. Received: {shown[1]}"


def _assigning(weight: Any, value: Values) -> Callable[[], None]:
    return lambda: weight.assign(value)


def _keeping(layer: Any, states: list[Values]) -> Callable[[], None]:
    def keep() -> None:
        layer.states = [layer.backend.asarray(state) for state in states] if any(s.any() for s in states) else None

    return keep


# --- the optimizer ------------------------------------------------------------------------------------------


def optimizer_arrays(model: Any) -> list[Values]:
    """Steps, rate and state, weight by weight, as Keras lists an optimizer's variables."""
    optimizer, flat = model.optimizer, model._flat
    arrays = [np.asarray(optimizer.iterations, dtype=np.int32)]
    if optimizer.schedule is None:
        arrays.append(np.asarray(optimizer.learning_rate, dtype=np.float32))
    vectors = {
        name: np.asarray(model.backend.to_host(values)) * _scale(optimizer, name)
        for name, values in optimizer.state.items()
    }
    start = np.asarray(model.backend.to_host(flat.w))
    for group in state_groups(optimizer):
        for weight in _learning(model):
            for name in group:
                part = flat.parts[weight]
                if name in vectors:
                    values = vectors[name][part]
                elif name == "ema":
                    values = np.zeros_like(start[part])
                else:
                    values = np.full_like(start[part], optimizer.slot_start(name) if name in optimizer.slots else 0)
                arrays.append(values.reshape(weight.shape))
    return [*arrays, *(np.asarray(number, dtype=start.dtype) for number in optimizer.saved_numbers())]


def state_groups(optimizer: Any) -> list[tuple[str, ...]]:
    """The names of the state vectors; those that stand together alternate, weight by weight."""
    first = [(name,) for name in ("ema", "accumulated") if name in optimizer.state_names]
    return [*first, *optimizer.saved_groups()]


def _scale(optimizer: Any, name: str) -> Any:
    """A Python float, so that float32 stays float32."""
    return float(optimizer.saved_scale(name)) if name in optimizer.slots else 1.0


def _learning(model: Any) -> list[Any]:
    """The weights that learn, in the order of the model's."""
    return [weight for weight in model.trainable_weights if weight in model._flat.parts]


def write_optimizer(file: Any, model: Any) -> None:
    """The optimizer's state, at its place in a .keras file's weights."""
    group = file.create_group(OPTIMIZER)
    group.attrs["name"] = model.optimizer.name
    for number, array in enumerate(optimizer_arrays(model)):
        group.create_dataset(str(number), data=array)
    for name in _scaled(model.optimizer):
        if name in model.optimizer.state:
            values = np.asarray(model.backend.to_host(model.optimizer.state[name]))
            file.create_dataset(f"{OWN_STATE}/{name}", data=values)


def read_own_state(file: Any, model: Any) -> None:
    """The state vectors whose numbers differ from Keras' by a factor, to the last bit."""
    for name in _scaled(model.optimizer):
        found = file.get(f"{OWN_STATE}/{name}")
        if found is not None and name in model.optimizer.state and found.shape == model.optimizer.state[name].shape:
            model.optimizer.state[name] = np.asarray(found)


def _scaled(optimizer: Any) -> list[str]:
    return [name for name in optimizer.slots if _scale(optimizer, name) != 1]


def read_optimizer(model: Any, arrays: list[Values]) -> bool:
    """Put a list of variables, as Keras writes it, into the optimizer; False if it is that of another one."""
    optimizer, flat = model.optimizer, model._flat
    if not arrays:
        return False
    rest = list(arrays)
    steps, rate = int(rest.pop(0)), None
    if optimizer.schedule is None and rest:
        rate = float(rest.pop(0)) if rest[0].shape == () else None
    if not rest:  # it was not built yet
        optimizer.iterations, optimizer.learning_rate = steps, optimizer.learning_rate if rate is None else rate
        return True
    size = flat.w.size
    slots = {
        name: np.full(size, optimizer.slot_start(name) if name in optimizer.slots else 0, dtype=str(flat.w.dtype))
        for name in optimizer.state_names
    }
    for group in state_groups(optimizer):
        for weight in _learning(model):
            for name in group:
                if not rest or rest[0].shape != weight.shape:
                    return False
                slots[name][flat.parts[weight]] = rest.pop(0).ravel() / _scale(optimizer, name)
    if len(rest) > len(optimizer.saved_numbers()) or any(array.shape for array in rest):
        return False
    try:
        optimizer.set_state({"iterations": steps, "learning_rate": rate, "slots": slots})
    except (ShapeError, StateError):
        return False
    return True
