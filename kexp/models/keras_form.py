"""Keras' configs of models, of versions 2 and 3, in our form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kexp import plugins
from kexp.core.component import parameters
from kexp.core.engine_arguments import without_engine
from kexp.errors import ArgumentError

FUNCTIONAL = ("Functional", "Model")
OPERATION = "operation"
INPUTS = ("inputs", "initial_state", "constants")
"""Arguments of a call that are inputs as well."""


def map_form(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config of a model with its layers as a map; one that has that form already is left as it is.

    Raises: ArgumentError if the config is of no model.
    """
    if "class_name" in config:
        kind, inner = config["class_name"], config.get("config", {})
    else:
        kind, inner = None, config
    layers = inner.get("layers") if isinstance(inner, Mapping) else inner
    if isinstance(layers, Mapping):
        guess = {"type": "functional" if "inputs" in inner else "sequential"}
        return guess | dict(inner)
    if not isinstance(layers, list | tuple):
        got = ", ".join(map(str, config)) or "nothing"
        raise ArgumentError(f"the config of a model has its layers under `layers`. Received: {got}")
    if kind in FUNCTIONAL or "output_layers" in inner:
        return _functional(inner)
    return _sequential(inner if isinstance(inner, Mapping) else {"layers": layers})


def _sequential(config: Mapping[str, Any]) -> dict[str, Any]:
    form: dict[str, Any] = {"type": "sequential", "name": config.get("name")}
    shape, dtype, layers = config.get("build_input_shape"), None, {}
    for entry in config["layers"]:
        given = entry["config"]
        stated = given.get("batch_shape") or given.get("batch_input_shape")
        shape = stated or shape
        if entry["class_name"] == "InputLayer":
            dtype = _dtype(given.get("dtype"))
            continue
        name, spec = _entry(entry)
        layers[name] = spec
        dtype = dtype or (spec.get("dtype") if stated else None)
    if shape is not None:
        form["input"] = {"batch_shape": list(shape), "dtype": dtype or "float32"}
    return form | {"layers": layers}


def _functional(config: Mapping[str, Any]) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    layers: dict[str, Any] = {}
    kinds = {entry["config"].get("name") or entry["name"]: entry["class_name"] for entry in config["layers"]}
    kinds |= {entry["name"]: OPERATION for entry in config["layers"] if _is_operation(entry)}
    keys = _keys_of(config["input_layers"])
    for entry in config["layers"]:
        if _is_operation(entry):
            continue
        if entry["class_name"] == "InputLayer":
            given = entry["config"]
            shape = given.get("batch_shape") or given.get("batch_input_shape")
            inputs[given["name"]] = {"batch_shape": list(shape), "dtype": _dtype(given.get("dtype")) or "float32"}
            continue
        name, spec = _entry(entry)
        calls = [_call(node, entry["class_name"], kinds) for node in entry.get("inbound_nodes", [])]
        taken, options = [one for one, _ in calls], [more for _, more in calls]
        layers[name] = spec | {"inputs": taken[0] if len(calls) == 1 else taken}
        if any(options):
            layers[name]["call"] = options[0] if len(calls) == 1 else options
    outputs = config["output_layers"]
    found: Any = [_reference(name, _own(use, kinds[name]), output) for name, use, output in _histories(outputs)]
    if isinstance(outputs, Mapping):
        found = dict(sorted(zip(outputs, found, strict=True)))
    named = {name: keys.get(name, name) for name in inputs}
    for spec in layers.values():
        spec |= {key: _with_inputs(spec[key], named) for key in ("inputs", "call") if key in spec}
    return {
        "type": "functional",
        "name": config.get("name"),
        "inputs": {named[name]: inputs[name] for name, _, _ in _histories(config["input_layers"])},
        "layers": layers,
        "outputs": _with_inputs(found, named),
    }


def _is_operation(entry: Mapping[str, Any]) -> bool:
    """Whether it is a function of `keras.ops`, as Keras writes for the masks that layers compute."""
    return str(entry.get("module")).startswith("keras.src.ops")


def _keys_of(layers: Any) -> dict[str, str]:
    """The keys of a model that takes a dict, by the names of its input layers."""
    return {history[0]: key for key, history in layers.items()} if isinstance(layers, Mapping) else {}


def _own(use: int, kind: str) -> int:
    """The number of a use; that of a functional model is counted from 1, after the model's own connections."""
    return use - 1 if use > 0 and kind in FUNCTIONAL else use


def _entry(entry: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Name and spec of one layer."""
    config = entry["config"]
    name = config.get("name") or entry.get("name")
    if entry["class_name"] in (*FUNCTIONAL, "Sequential"):
        return str(name), {"type": "model", "config": map_form(entry)}
    known = plugins.current()["layer"]
    accepted = parameters(known.get(entry["class_name"])) if entry["class_name"] in known else {}
    given = {key: value for key, value in config.items() if key not in ("name", "batch_input_shape")}
    given = without_engine(given, accepted)
    if "dtype" in given:
        given["dtype"] = _dtype(given["dtype"])
    return str(name), {"type": entry["class_name"], **given}


def _dtype(value: Any) -> str | None:
    """The name of a dtype, which Keras 3 writes as a policy."""
    if isinstance(value, Mapping):
        value = value.get("config", {}).get("name")
    return None if value is None else str(value)


def _histories(node: Any) -> Iterator[tuple[str, int, int]]:
    """The (layer, use, output) of each tensor that a use takes; Keras 2 writes them as lists, Keras 3 as tensors."""
    if isinstance(node, Mapping):
        if node.get("class_name") == "__keras_tensor__":
            name, use, output = node["config"]["keras_history"]
            yield name, use, output
        else:
            for value in node.values():
                yield from _histories(value)
    elif isinstance(node, list | tuple):
        if len(node) >= 3 and isinstance(node[0], str) and all(isinstance(n, int) for n in node[1:3]):
            yield node[0], node[1], node[2]
        else:
            for value in node:
                yield from _histories(value)


def _call(node: Any, kind: str, kinds: Mapping[str, str]) -> tuple[list[str], dict[str, Any]]:
    """The inputs of one use, and its further arguments."""
    if not isinstance(node, Mapping) or "args" not in node:
        return [_reference(name, _own(use, kinds[name]), output) for name, use, output in _histories(node)], {}
    given = {name: value for name, value in node.get("kwargs", {}).items() if not _by_itself(name, value, kinds)}
    known = plugins.current()["layer"]
    order = getattr(known.get(kind), "input_names", ()) if kind in known else ()
    as_inputs = [given.pop(name) for name in (*order, *INPUTS) if name in given]
    histories = list(_histories([*node["args"], *as_inputs]))
    computed = next((name for name, _, _ in histories if kinds.get(name) == OPERATION), None)
    if computed is not None:
        text = f"a {kind} takes what the function {computed!r} of keras.ops gives; put that into a layer of its own"
        raise ArgumentError(f"a model can be read from Keras' config if it is made of layers: {text}")
    return [_reference(*history) for history in histories], {name: _option(value) for name, value in given.items()}


def _by_itself(name: str, value: Any, kinds: Mapping[str, str]) -> bool:
    """Whether an argument need not be given: masks that follow from the inputs, and a `training` that fit decides."""
    masks = [kinds.get(layer) == OPERATION for layer, _, _ in _histories(value)] if "mask" in name else []
    return value is None or (name == "training" and value is False) or any(masks)


def _option(value: Any) -> Any:
    """A further argument: a plain value, {value_of: NAME} for a tensor, {each: [...]} for a list of them."""
    if isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        return {"each": [_option(one) for one in value]}
    histories = list(_histories(value)) if isinstance(value, Mapping) else []
    return {"value_of": _reference(*histories[0])} if histories else value


def _reference(name: str, use: int = 0, output: int = 0) -> str:
    """One output of one use; which output is always said, for the layer may have several."""
    return f"{name}{f'/{use}' if use else ''}:{output}"


def _with_inputs(value: Any, named: Mapping[str, str]) -> Any:
    """References with the input's name where they are to inputs of the model."""
    if isinstance(value, Mapping):
        return {key: _with_inputs(one, named) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_inputs(one, named) for one in value]
    return named[value[:-2]] if isinstance(value, str) and value.endswith(":0") and value[:-2] in named else value
