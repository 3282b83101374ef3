"""Models from plain values: configs of ours and of Keras', JSON, and other models."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from kexp.core.component import resolve
from kexp.core.inner_model import readers
from kexp.core.layer import Layer
from kexp.errors import ArgumentError
from kexp.graph import Tensor
from kexp.models.form import describe
from kexp.models.keras_form import map_form
from kexp.models.model import Model
from kexp.models.sequential import Sequential
from kexp.models.structure import Structure
from kexp.models.wired import wired_model
from kexp.models.wiring import plan

Maker = Callable[[str, Mapping[str, Any]], Any]


def model_from_config(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Model:
    """The model that `get_config` described, with new weights; Keras' own configs are read too.

    `custom_objects`: classes by the names that the config gives them, before the registered ones.
    """
    form = map_form(config)
    custom = dict(custom_objects or {})

    def make(name: str, spec: Mapping[str, Any]) -> Any:
        if spec["type"] == "model":
            return model_from_config({**spec["config"], "name": name}, custom)
        given = {key: value for key, value in spec.items() if key not in ("call", "inputs", "type")} | {"name": name}
        if spec["type"] in custom:
            return custom[spec["type"]].from_config(given)
        return resolve("layer", {"type": spec["type"], **given}, where=f"layers.{name}")

    return _made(form, make)


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Model:
    """The model that `to_json` described, ours or Keras'.

    Raises: ArgumentError if the text is not the JSON of a model.
    """
    try:
        config = json.loads(json_string)
    except json.JSONDecodeError as error:
        raise ArgumentError(f"the text is no JSON: {error}") from None
    if not isinstance(config, dict):
        raise ArgumentError(f"the JSON of a model is a map. Received: {type(config).__name__}")
    return model_from_config(config, custom_objects)


def clone_model(model: Model, input_tensors: Any = None, clone_function: Callable[[Any], Any] | None = None) -> Model:
    """A model of the same layers with new weights; `clone_function(layer)` gives the layer to put in each place.

    `input_tensors`: inputs to take instead of those of the model, of one shape or another.
    """
    originals = {layer.name: layer for layer in model.layers}

    def make(name: str, spec: Mapping[str, Any]) -> Any:
        original = originals[name]
        if clone_function is not None:
            return clone_function(original)
        if isinstance(original, Model):
            return clone_model(original)
        return type(original).from_config(original.get_config())

    given = None if input_tensors is None else input_tensors
    return _made(describe(model), make, [given] if isinstance(given, Tensor) else given)


def _made(form: Mapping[str, Any], make: Maker, inputs: list[Tensor] | None = None) -> Model:
    entries = {name: make(name, spec) for name, spec in form["layers"].items()}
    if form["type"] == "sequential":
        source = inputs[0] if inputs else None
        if source is None and form.get("input"):
            source = Tensor(tuple(form["input"]["batch_shape"]), form["input"]["dtype"])
        stacked = [] if source is None else [source]
        return Sequential([*stacked, *entries.values()], name=form.get("name"))
    sources = {
        name: Tensor(tuple(spec["batch_shape"]), spec["dtype"], None, name) for name, spec in form["inputs"].items()
    }
    if inputs is not None:
        if len(inputs) != len(sources):
            raise ArgumentError(f"the model has {len(sources)} inputs. Received: {len(inputs)} input_tensors")
        sources = dict(zip(sources, inputs, strict=True))
    layers = form["layers"]
    calls = {name: spec.get("call") for name, spec in layers.items()}
    made = plan(list(sources), {name: spec.get("inputs") for name, spec in layers.items()}, form["outputs"], calls)
    entries = {name: _named(entry, name) for name, entry in entries.items()}
    return wired_model(made, sources, entries, name=form.get("name"))


def _named(entry: Layer | Structure, name: str) -> Any:
    entry.name = name if entry.auto_named else entry.name
    return entry


Model._read = staticmethod(model_from_config)  # here, for it makes models of all kinds
readers.append(model_from_config)
