"""The config of a model as Keras 3 writes it."""

from __future__ import annotations

from typing import Any

from kexp import plugins
from kexp.core.component import to_plain
from kexp.errors import ArgumentError
from kexp.graph import Tensor
from kexp.models.saving.keras_objects import keras_component, keras_object


def keras_config(model: Any) -> dict[str, Any]:
    """The model as Keras' {"module", "class_name", "config", ...}, layers in `config`.

    Raises: ArgumentError for a model that is written in code, or a layer that no config can describe; it is named.
    """
    if model._body is not None:
        kind = type(model).__name__
        raise ArgumentError(
            f"model {model.name!r} is written in code (class {kind}), so it cannot be saved whole; save its weights, "
            f"and make it again by {kind}(...)"
        )
    if model.form == "sequential":
        return _sequential(model)
    return _functional(model)


def compile_config(model: Any, *, as_objects: bool = False) -> dict[str, Any] | None:
    """The arguments of `compile`, or None if the model is not compiled.

    `as_objects`: losses and metrics with all their arguments where names were given, except those that depend on the
    targets.
    """
    compiled = model._compiled
    if compiled is None:
        return None
    return {
        "optimizer": keras_component("optimizer", model.optimizer),
        "loss": keras_component("loss", compiled.loss, as_objects),
        "loss_weights": to_plain(compiled.loss_weights),
        "metrics": keras_component("metric", compiled.metrics, as_objects) or None,
        "weighted_metrics": keras_component("metric", compiled.weighted_metrics, as_objects) or None,
        "run_eagerly": False,
        "steps_per_execution": 1,
        "jit_compile": "auto",
    }


def _entry(layer: Any) -> dict[str, Any]:
    if hasattr(layer, "form"):
        return keras_config(layer)
    try:
        config = layer.get_config()
    except ArgumentError as error:
        raise ArgumentError(f"layer {layer.name!r} ({type(layer).__name__}) cannot be saved: {error}") from error
    written: dict[str, Any] = keras_object("layer", {"type": _type_of(layer), **config})
    if "dtype" in written["config"]:
        written["config"]["dtype"] = _dtype(written["config"]["dtype"])
    return written


def _type_of(layer: Any) -> str:
    """The registered name, or that of the class, which custom_objects can give when it is read."""
    known = plugins.current()["layer"].name_of(type(layer))
    return known or type(layer).__name__


def _dtype(name: str) -> Any:
    return {"module": "keras", "class_name": "DTypePolicy", "config": {"name": name}, "registered_name": None}


def _input_layer(shape: Any, dtype: str, name: str) -> dict[str, Any]:
    config = {"batch_shape": list(shape), "dtype": dtype, "sparse": False, "ragged": False, "name": name}
    return {"module": "keras.layers", "class_name": "InputLayer", "config": config, "registered_name": None}


def _sequential(model: Any) -> dict[str, Any]:
    layers = [_entry(layer) for layer in model.layers]
    config: dict[str, Any] = {"name": model.name, "trainable": True, "dtype": _dtype("float32"), "layers": layers}
    if model.built:
        source = model.inputs[0]
        layers.insert(0, _input_layer(source.shape, source.dtype, f"{model.name}_input"))
        config["build_input_shape"] = list(source.shape)
    return {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None}


def _functional(model: Any) -> dict[str, Any]:
    graph = model.graph
    places: dict[Tensor, list[Any]] = {}
    entries: dict[Any, dict[str, Any]] = {}
    listed = []
    for tensor, name in zip(graph.inputs, graph.input_names, strict=True):
        places[tensor] = [name, 0, 0]
        listed.append(_input_layer(tensor.shape, tensor.dtype, name) | {"name": name, "inbound_nodes": []})
    for unit in dict.fromkeys(node.uses[0] if node.uses else node for node in graph.nodes):
        inner = hasattr(unit, "model")
        owner = unit.model if inner else unit.layer
        if owner not in entries:
            entries[owner] = _entry(owner) | {"name": owner.name, "inbound_nodes": []}
        nodes = entries[owner]["inbound_nodes"]
        for number, tensor in enumerate(unit.outputs):
            places[tensor] = [owner.name, len(nodes), number]
        nodes.append(_model_call(unit, places) if inner else _layer_call(unit, places))
    outputs: Any = [places[tensor] for tensor in graph.outputs]
    if model._output_keys is not None:
        outputs = dict(zip(model._output_keys, outputs, strict=True))
    elif len(outputs) == 1:
        outputs = outputs[0]
    inputs = [[name, 0, 0] for name in graph.input_names]
    config = {
        "name": model.name,
        "trainable": True,
        "layers": [*listed, *(entries[layer] for layer in model.layers)],
        "input_layers": inputs[0] if len(inputs) == 1 else inputs,
        "output_layers": outputs,
    }
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": "Functional",
    }


def _tensor(tensor: Tensor, places: dict[Tensor, list[Any]]) -> dict[str, Any]:
    config = {"shape": list(tensor.shape), "dtype": str(tensor.dtype), "keras_history": places[tensor]}
    return {"class_name": "__keras_tensor__", "config": config}


def _model_call(unit: Any, places: dict[Tensor, list[Any]]) -> dict[str, Any]:
    given = [_tensor(tensor, places) for tensor in unit.inputs]
    return {"args": [given[0] if len(given) == 1 else given], "kwargs": {}}


def _layer_call(node: Any, places: dict[Tensor, list[Any]]) -> dict[str, Any]:
    layer, how = node.layer, node.how
    kwargs: dict[str, Any] = {name: to_plain(value) for name, value in how.options.items()}
    plain = [_tensor(tensor, places) for tensor in node.plain]
    masks: dict[int, Any] = {place: to_plain(mask) for place, mask in how.masks.items()}
    for name, tensor in zip(how.names, node.inputs[len(node.plain) :], strict=True):
        (masks if isinstance(name, int) else kwargs)[name] = _tensor(tensor, places)
    if masks:
        listed = [masks.get(place) for place in range(len(plain))]
        kwargs["mask"] = listed[0] if len(listed) == 1 else listed
    if how.training is not None:
        kwargs["training"] = how.training
    args: list[Any]
    if len(plain) == 1 or hasattr(layer, "input_names"):
        args = plain
    elif hasattr(layer, "go_backwards") or hasattr(layer, "forward_layer"):
        args, kwargs["initial_state"] = plain[:1], plain[1:]
    else:
        args = [plain]
    return {"args": args, "kwargs": kwargs}
