"""The form of a model in configs: plain values."""

from __future__ import annotations

from typing import Any

from kexp.graph import Tensor


def describe(model: Any) -> dict[str, Any]:
    """The form of a model in configs: type, name, inputs, layers that name their inputs, outputs."""
    if model.form == "sequential":
        form: dict[str, Any] = {"type": "sequential", "name": model.name}
        if model.built:
            form["input"] = {"batch_shape": list(model.inputs[0].shape), "dtype": model.inputs[0].dtype}
        return form | {"layers": {layer.name: _spec(layer) for layer in model.layers}}
    graph = model.graph
    refs = dict(zip(graph.inputs, graph.input_names, strict=True))
    calls = _calls(graph, refs)
    layers = {entry.name: _spec(entry) | {"inputs": _shortest(calls[entry])} for entry in model.layers}
    outputs: Any = [refs[tensor] for tensor in graph.outputs]
    if model._output_keys is not None:
        outputs = dict(zip(model._output_keys, outputs, strict=True))
    inputs = {
        name: {"batch_shape": list(tensor.shape), "dtype": tensor.dtype}
        for name, tensor in zip(graph.input_names, graph.inputs, strict=True)
    }
    return {"type": "functional", "name": model.name, "inputs": inputs, "layers": layers, "outputs": outputs}


def _calls(graph: Any, refs: dict[Tensor, str]) -> dict[Any, list[list[str]]]:
    """For each layer or inner model the inputs of each use; the names of all values are added to `refs`."""
    calls: dict[Any, list[list[str]]] = {}
    units = dict.fromkeys(node.uses[0] if node.uses else node for node in graph.nodes)
    for unit in units:
        entry = unit.model if hasattr(unit, "model") else unit.layer
        made = calls.setdefault(entry, [])
        suffix = f"/{len(made)}" if made else ""
        made.append([refs[tensor] for tensor in unit.inputs])
        for number, tensor in enumerate(unit.outputs):
            refs[tensor] = f"{entry.name}{suffix}" + (f":{number}" if len(unit.outputs) > 1 else "")
    return calls


def _shortest(uses: list[list[str]]) -> Any:
    return uses[0] if len(uses) == 1 else uses


def _spec(entry: Any) -> dict[str, Any]:
    if hasattr(entry, "form"):
        return {"type": "model", "config": describe(entry)}
    config = {key: value for key, value in entry.get_config().items() if key != "name"}
    return {"type": entry.registered_name(), **config}
