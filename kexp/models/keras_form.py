"""Keras' configs of models, of versions 2 and 3, in our form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kexp import plugins
from kexp.core.component import parameters
from kexp.errors import ArgumentError

FUNCTIONAL = ("Functional", "Model")
ENGINE_ONLY = (
    "quantization_config", "autocast", "sparse", "ragged", "optional", "implementation", "time_major",
    "batch_input_shape",
)  # fmt: skip
"""Arguments that Keras writes for its own engine; `batch_input_shape` is read as the model's input."""


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
    if not isinstance(layers, list):
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
    for entry in config["layers"]:
        if entry["class_name"] == "InputLayer":
            given = entry["config"]
            shape = given.get("batch_shape") or given.get("batch_input_shape")
            inputs[given["name"]] = {"batch_shape": list(shape), "dtype": _dtype(given.get("dtype")) or "float32"}
            continue
        name, spec = _entry(entry)
        calls = [[_reference(*history) for history in _histories(node)] for node in entry.get("inbound_nodes", [])]
        layers[name] = spec | {"inputs": calls[0] if len(calls) == 1 else calls}
    order = [history[0] for history in _listed(config["input_layers"])]
    outputs = config["output_layers"]
    named = isinstance(outputs, Mapping)
    found: Any = [_reference(*history) for history in (outputs.values() if named else _listed(outputs))]
    if named:
        found = dict(zip(outputs, found, strict=True))
    _drop_single_outputs(layers, found)
    return {
        "type": "functional",
        "name": config.get("name"),
        "inputs": {name: inputs[name] for name in order},
        "layers": layers,
        "outputs": found,
    }


def _entry(entry: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Name and spec of one layer."""
    config = entry["config"]
    name = config.get("name") or entry.get("name")
    if entry["class_name"] in (*FUNCTIONAL, "Sequential"):
        return str(name), {"type": "model", "config": map_form(entry)}
    known = plugins.current()["layer"]
    accepted = parameters(known.get(entry["class_name"])) if entry["class_name"] in known else None
    given = {}
    for key, value in config.items():
        if key == "name" or (key in ENGINE_ONLY and (accepted is None or key not in accepted)):
            continue
        given[key] = _dtype(value) if key == "dtype" else value
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
            for value in (node.get("args", []), node.get("kwargs", {})) if "args" in node else node.values():
                yield from _histories(value)
    elif isinstance(node, list):
        if len(node) >= 3 and isinstance(node[0], str) and all(isinstance(n, int) for n in node[1:3]):
            yield node[0], node[1], node[2]
        else:
            for value in node:
                yield from _histories(value)


def _listed(layers: list[Any]) -> list[Any]:
    """Keras writes one alone as [name, 0, 0], several as a list of such."""
    return [layers] if layers and isinstance(layers[0], str) else layers


def _reference(name: str, use: int = 0, output: int = 0) -> str:
    return f"{name}{f'/{use}' if use else ''}{f':{output}' if output else ''}"


def _drop_single_outputs(layers: dict[str, Any], outputs: Any) -> None:
    """A reference to the first of several outputs is written name:0."""
    texts = [*_texts([spec["inputs"] for spec in layers.values()])]
    texts += outputs.values() if isinstance(outputs, dict) else outputs
    several = {text.partition(":")[0].partition("/")[0] for text in texts if ":" in text}
    for spec in layers.values():
        spec["inputs"] = _first_of(spec["inputs"], several)
    for key in outputs if isinstance(outputs, dict) else range(len(outputs)):
        outputs[key] = _first_of(outputs[key], several)


def _texts(values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from _texts(value)
        else:
            yield value


def _first_of(value: Any, several: set[str]) -> Any:
    if isinstance(value, list):
        return [_first_of(one, several) for one in value]
    return f"{value}:0" if ":" not in value and value.partition("/")[0] in several else value
