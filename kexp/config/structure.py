"""Checks the structure of a model: which layer takes what, which are frozen, and whether the shapes fit."""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from kexp.backend import Array, NumpyBackend
from kexp.config.components import Checker, plain
from kexp.config.keys import Key, suggestion
from kexp.core.layer import Layer
from kexp.core.streams import Streams
from kexp.core.weight import Weight
from kexp.errors import ArgumentError, KexpError, ShapeError
from kexp.graph import Tensor, input_tensor
from kexp.models.wiring import Plan, plan, wire

KEYS = {"sequential": ("type", "layers", "freeze"), "functional": ("type", "inputs", "layers", "outputs", "freeze")}
"""What may stand in the section `model`, by its type."""
OF_INPUT = ("shape", "dtype", "batch_shape", "batch_size")


def without_wiring(model: Mapping[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    """A layer's spec without what says where it stands."""
    return {name: value for name, value in spec.items() if name != "inputs" or model["type"] != "functional"}


def check_structure(model: dict[str, Any], layers: Mapping[str, Any], check: Checker) -> None:
    """Report what is wrong with inputs, outputs, connections, frozen layers and, if all layers are sound, shapes."""
    check_frozen(model, check)
    if model["type"] == "functional":
        sources = _sources(model, check)
        made = model_plan(model) if sources else Plan()
        for key, text in made.problems:
            check.report(("model", *key), text, at=("model", *_place(model, key)))
    else:
        made, sources = _stack(layers)
    if not check.problems and made.calls and None not in layers.values():
        _check_shapes(made, sources, layers, check)


def model_plan(model: Mapping[str, Any]) -> Plan:
    """The plan of a functional model's section."""
    layers = {name: spec.get("inputs") for name, spec in model["layers"].items()}
    inputs = model.get("inputs")
    return plan(list(inputs) if isinstance(inputs, Mapping) else [], layers, model.get("outputs"))


def source_of(name: str, spec: Any) -> Tensor:
    """The symbolic input that an entry of `inputs` describes: its shape, or a map with `shape` and `dtype`."""
    given = dict(spec) if isinstance(spec, Mapping) else {"shape": spec}
    return input_tensor(**given, name=name)


def outputs_with_losses(config: Mapping[str, Any]) -> list[str] | None:
    """The outputs of a functional model whose `loss` is a map from outputs to losses; None if it is one loss."""
    model, loss = config["model"], config["loss"]
    if not isinstance(model, Mapping) or model.get("type") != "functional" or not isinstance(loss, Mapping):
        return None
    return None if "type" in loss else list(model_plan(model).outputs)


def losses_by_output(losses: Mapping[str, Any], names: list[str], check: Checker) -> dict[str, Any]:
    """The losses that a map from outputs to losses names."""
    found = {}
    for name, spec in losses.items():
        key: Key = ("loss", str(name))
        if name not in names:
            near = suggestion(str(name), names)
            hint = f" Did you mean {near!r}?" if near else ""
            check.report(key, f"the model has no output {name!r}.{hint}\nOutputs: {', '.join(names)}")
        elif spec is not None:
            found[str(name)] = check.component("loss", spec, key, type_key=key if isinstance(spec, str) else None)
    return found


def frozen(model: Mapping[str, Any], name: str) -> bool:
    """Whether a pattern of `freeze` names the layer."""
    return any(fnmatchcase(name, pattern) for pattern in model.get("freeze") or [])


def check_frozen(model: Mapping[str, Any], check: Checker) -> None:
    """Each pattern of `freeze` must name a layer."""
    patterns = model.get("freeze")
    if patterns is None:
        return
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        text = f"expected a list of layer names or patterns, such as ['conv_*']. Got {plain(patterns)}"
        check.report(("model", "freeze"), text)
        return
    for position, pattern in enumerate(patterns):
        if not any(fnmatchcase(name, pattern) for name in model["layers"]):
            near = suggestion(pattern, model["layers"])
            hint = f" Did you mean {near!r}?" if near else ""
            known = ", ".join(model["layers"]) or "none"
            check.report(("model", "freeze", position), f"no layer is called {pattern!r}.{hint}\nLayers: {known}")


def _sources(model: Mapping[str, Any], check: Checker) -> dict[str, Tensor]:
    given = model.get("inputs")
    if not isinstance(given, Mapping) or not given:
        text = "a functional model needs its inputs, such as `inputs: {image: {shape: [28, 28, 1]}}`"
        check.report(("model", "inputs"), text if not given else f"{text}. Got {plain(given)}")
        return {}
    found = {}
    for name, spec in given.items():
        key: Key = ("model", "inputs", str(name))
        if isinstance(spec, Mapping):
            for argument in [argument for argument in spec if argument not in OF_INPUT]:
                near = suggestion(str(argument), OF_INPUT)
                hint = f"; did you mean {near!r}?" if near else "."
                check.report((*key, argument), f"unknown key{hint}\nKnown: {', '.join(OF_INPUT)}")
            spec = {argument: value for argument, value in spec.items() if argument in OF_INPUT}
        elif not isinstance(spec, list):
            check.report(key, f"expected a map with `shape`, such as `{{shape: [28, 28, 1]}}`. Got {plain(spec)}")
            continue
        try:
            found[str(name)] = source_of(str(name), spec)
        except (ArgumentError, TypeError) as error:
            check.report(key, str(error))
    return found


def _stack(layers: Mapping[str, Any]) -> tuple[Plan, dict[str, Tensor]]:
    """The plan of layers one after the other, if the first one states its input's shape."""
    first = next(iter(layers.values()), None)
    if first is None or first.declared_shape is None or getattr(first, "leading_none", False):
        return Plan(), {}
    source = "/input"  # no layer can be called so
    return plan([source], dict.fromkeys(layers)), {source: Tensor(first.declared_shape, first.dtype)}


def _check_shapes(made: Plan, sources: Mapping[str, Tensor], layers: Mapping[str, Any], check: Checker) -> None:
    """Build copies of the layers whose weights take no memory, and report those that do not fit their inputs."""

    def failed(name: str, error: Exception) -> None:
        text = str(error) if isinstance(error, KexpError) else f"cannot be built: {type(error).__name__}: {error}"
        check.report(("model", "layers", name), text)

    copies: dict[str, Any] = {name: _weightless(copy.deepcopy(layer)) for name, layer in layers.items()}
    wire(made, sources, copies, Streams(0), NumpyBackend(), failed)


def _weightless(layer: Layer) -> Layer:
    for member in layer.family().values():
        member.__dict__["add_weight"] = functools.partial(_pretended, member)
    return layer


def _pretended(layer: Layer, name: str, shape: Any, *_: Any, trainable: bool = True, **__: Any) -> Array:
    """What `add_weight` gives, without values of its own."""
    if any(size is None for size in shape):
        raise ShapeError(
            f"layer {layer.name!r}: weight {name!r} would have the shape {tuple(shape)}; "
            "the size of that axis of the input must be known"
        )
    one = np.zeros((), dtype=layer.dtype)  # which all places share, and a layer's build may write to
    zeros = np.lib.stride_tricks.as_strided(one, tuple(shape), (0,) * len(shape))
    layer._weights[name] = Weight(layer, name, zeros, learns=trainable)
    return zeros


def _place(model: Mapping[str, Any], key: Key) -> Key:
    """The key that stands in the config, for a problem of a part that may be left out."""
    return key[:-1] if key[-1:] == ("inputs",) and not model["layers"].get(key[1], {}).get("inputs") else key
