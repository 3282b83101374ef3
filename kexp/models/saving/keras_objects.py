"""Our components in the form in which Keras writes objects, and Keras' objects in ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kexp import plugins
from kexp.core.component import Component, parameters, positional, resolve, snake_case, to_plain
from kexp.errors import ArgumentError

MODULES = {
    "layer": "keras.layers",
    "loss": "keras.losses",
    "metric": "keras.metrics",
    "optimizer": "keras.optimizers",
    "schedule": "keras.optimizers.schedules",
    "initializer": "keras.initializers",
    "regularizer": "keras.regularizers",
    "constraint": "keras.constraints",
}
OURS = {"alpha", "data_format", "fused", "input_dim", "input_length", "input_shape", "oov_method", "use_causal_mask"}
"""Arguments that some components have and their namesakes in Keras have not; others of them have data_format too."""
WITH_DATA_FORMAT = ("random_brightness", "random_contrast")
CHOSEN_LATER = ("accuracy", "acc", "crossentropy", "ce")
"""Names of metrics that stand for one or another, which the targets decide."""
BUILT_IN = "kexp_plugins"


def kind_of(key: str) -> str | None:
    """The kind of component that an argument of this name holds."""
    kinds = ("activation", "initializer", "regularizer", "constraint")
    found = next((kind for kind in kinds if key == kind or key.endswith(f"_{kind}")), None)
    if found is None and key in ("layer", "backward_layer", "cell", "cells"):
        return "layer"
    return "schedule" if found is None and key == "learning_rate" else found


def is_built_in(kind: str, name: str) -> bool:
    """Whether the component comes with kexp, so that Keras has it under the name of its class."""
    return any(owner.startswith(BUILT_IN) for owner in plugins.current()[kind].owners(name))


def keras_object(kind: str, config: Mapping[str, Any]) -> Any:
    """{type: name, ...} as {"module", "class_name", "config", "registered_name"}."""
    name = str(config["type"])
    known = plugins.current()[kind]
    given = {key: value for key, value in config.items() if key != "type"}
    if kind == "activation":
        return _activation(name, given)
    if name not in known or not is_built_in(kind, name):
        plain = {key: keras_value(kind_of(key), value) for key, value in given.items()}
        return {"module": "kexp", "class_name": name, "config": plain, "registered_name": f"kexp>{name}"}
    maker: Any = known.get(name)
    ours = OURS - ({"data_format"} if name not in WITH_DATA_FORMAT else set())
    ours -= {"alpha"} if maker.__name__ != "LeakyReLU" else set()
    ours -= {"input_dim"} if "input_dim" in positional(maker) else set()  # Embedding's own
    ours |= {"trainable"} if name.startswith("spatial_dropout") else set()
    ours |= {"activity_regularizer"} if given.get("activity_regularizer") is None else set()
    plain = {key: keras_value(kind_of(key), value) for key, value in given.items() if key not in ours}
    if kind == "optimizer":
        plain["name"] = plain.get("name") or snake_case(maker.__name__)
    return {"module": MODULES[kind], "class_name": maker.__name__, "config": plain, "registered_name": None}


def keras_value(kind: str | None, value: Any) -> Any:
    """A value of a config as Keras writes it; `kind`: that of the component that it stands for, if known."""
    if isinstance(value, Mapping):
        if "type" in value and isinstance(value["type"], str):
            found = kind if kind is not None and value["type"] in plugins.current()[kind] else _kind_by_name(value)
            if found is not None:
                return keras_object(found, value)
        return {key: keras_value(kind_of(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [keras_value(kind, inner) for inner in value]
    if isinstance(value, str) and kind in ("initializer", "regularizer", "constraint"):
        return keras_object(kind, {"type": value}) if value in plugins.current()[kind] else value
    return value


def keras_component(kind: str, value: Any, as_objects: bool = False) -> Any:
    """What `compile` was given, as Keras writes it: names stay, components become objects, functions their names."""
    if isinstance(value, str) and as_objects and value not in CHOSEN_LATER and value in plugins.current()[kind]:
        made = resolve(kind, value)
        return _named(keras_component(kind, made), value) if isinstance(made, Component) else value
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Component):
        return keras_object(value.kind, {"type": value.registered_name(), **value.get_config()})
    if isinstance(value, type) and issubclass(value, Component):
        return keras_component(kind, value())
    if isinstance(value, Mapping):
        if "type" in value:
            return keras_object(kind, to_plain(value))
        return {str(key): keras_component(kind, inner, as_objects) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [keras_component(kind, inner, as_objects) for inner in value]
    name = getattr(value, "config_name", None) or getattr(value, "__name__", "<lambda>")
    if name == "<lambda>":
        raise ArgumentError(
            f"the {kind} {value!r} cannot be saved, for it has no name; write it as a function and register that"
        )
    return {"module": "builtins", "class_name": "function", "config": name, "registered_name": name}


def _named(written: dict[str, Any], name: str) -> dict[str, Any]:
    config = written["config"]
    return written | {"config": config | {"name": name}} if "name" in config else written


def _kind_by_name(value: Mapping[str, Any]) -> str | None:
    registries = plugins.current()
    return next((kind for kind in MODULES if value["type"] in registries[kind]), None)


def _activation(name: str, given: Mapping[str, Any]) -> Any:
    """An activation with arguments is written as the layer of that name, for Keras' functions have no arguments."""
    maker = plugins.current()["activation"].get(name)
    defaults = parameters(maker)
    if all(key in defaults and defaults[key] == value for key, value in given.items()):
        return name
    layer = next((n for n in (name, f"{name}_relu") if n in plugins.current()["layer"]), None)
    if layer is None or not is_built_in("layer", layer):
        return {"module": "kexp", "class_name": name, "config": dict(given), "registered_name": f"kexp>{name}"}
    return keras_object("layer", {"type": layer, **given})


# --- reading ------------------------------------------------------------------------------------------------


def read_objects(value: Any, custom: Mapping[str, Any], older: bool = False, where: str = "") -> Any:
    """Values of a file in our form: functions by their names, tuples as lists; nothing of it is ever run.

    `custom`: classes and functions by the names that stand in the file. `older`: the file is of Keras 2, whose
    defaults were others.
    Raises: ArgumentError for code that the file holds.
    """
    if isinstance(value, list):
        return [read_objects(inner, custom, older, where) for inner in value]
    if not isinstance(value, Mapping):
        return value
    name, config = value.get("class_name"), value.get("config")
    where = str(config.get("name", where)) if isinstance(config, Mapping) else where
    if name == "__lambda__" or value.get("function_type") == "lambda" or isinstance(value.get("function"), list):
        raise ArgumentError(
            f"layer {where!r} is a Lambda whose code lies in the file, and code from files is never run; make it a "
            "layer of a plugin, or register its function, and save the model again"
        )
    if name == "__tuple__":
        return read_objects(value["items"], custom, older, where)
    if name == "__numpy__":
        return read_objects(value["value"], custom, older, where)
    if name == "function":
        return custom.get(str(config), str(config))
    if name == "MeanMetricWrapper" and isinstance(config, Mapping):
        return config["name"]
    found = {key: read_objects(inner, custom, older, where) for key, inner in value.items()}
    for key, inner in found.items():
        kind = kind_of(key)
        if isinstance(inner, str) and kind is not None and inner in custom:
            found[key] = custom[inner]
        elif (
            isinstance(inner, dict)
            and kind not in (None, "layer", "schedule")
            and isinstance(inner.get("config"), dict)
        ):
            found[key] = _argument(str(kind), inner, custom)
    if (
        "inbound_nodes" in found
        and "module" not in found
        and not older
        and not {"trainable", "dtype", "layers"} & set(config or ())
    ):
        found["module"] = "keras.src.ops"  # a layer's config would say whether it learns
    return _of_keras_2(found) if older else found


def _argument(kind: str, written: dict[str, Any], custom: Mapping[str, Any]) -> Any:
    """A component inside a layer; an activation may be written as the layer of its name."""
    maker = custom.get(str(written.get("class_name")), custom.get(str(written.get("registered_name"))))
    config = written["config"]
    if maker is not None:
        return maker.from_config(config) if hasattr(maker, "from_config") else maker
    if kind != "activation":
        return written
    layers_own = ("name", "trainable", "dtype", "activity_regularizer")
    return written | {"config": {key: value for key, value in config.items() if key not in layers_own}}


def _of_keras_2(value: dict[str, Any]) -> dict[str, Any]:
    """What meant something else in Keras 2, said in today's words."""
    config = value.get("config")
    if value.get("class_name") in ("GRU", "GRUCell", "CuDNNGRU") and isinstance(config, dict):
        config.setdefault("reset_after", value["class_name"] == "CuDNNGRU")
    if value.get("class_name") in ("CuDNNGRU", "CuDNNLSTM"):
        value["class_name"] = value["class_name"].removeprefix("CuDNN")
    if isinstance(config, dict) and value.get("class_name") == "VarianceScaling" and config["distribution"] == "normal":
        config["distribution"] = "truncated_normal"
    for key in ("activation", "recurrent_activation"):
        if value.get(key) == "hard_sigmoid":
            value[key] = "keras2_hard_sigmoid"
    return value
