"""The form of a model in configs: plain values."""

from __future__ import annotations

from typing import Any

from kexp.core.component import to_plain
from kexp.errors import ArgumentError
from kexp.graph import Tensor


def describe(model: Any) -> dict[str, Any]:
    """The form of a model in configs: type, name, inputs, layers that name their inputs, outputs."""
    if model._body is not None:
        kind = type(model).__name__
        raise ArgumentError(
            f"model {model.name!r} is written in code (class {kind}), so no config describes it; save its weights, and "
            f"make it again by {kind}(...)"
        )
    if model.form == "sequential":
        form: dict[str, Any] = {"type": "sequential", "name": model.name}
        if model.built:
            form["input"] = {"batch_shape": list(model.inputs[0].shape), "dtype": model.inputs[0].dtype}
        return form | {"layers": {layer.name: _spec(layer) for layer in model.layers}}
    graph = model.graph
    refs = dict(zip(graph.inputs, graph.input_names, strict=True))
    calls = _calls(graph, refs)
    layers = {entry.name: _spec(entry) | _uses(calls[entry]) for entry in model.layers}
    outputs: Any = [refs[tensor] for tensor in graph.outputs]
    if model._output_keys is not None:
        outputs = dict(zip(model._output_keys, outputs, strict=True))
    inputs = {
        name: {"batch_shape": list(tensor.shape), "dtype": tensor.dtype}
        for name, tensor in zip(graph.input_names, graph.inputs, strict=True)
    }
    return {"type": "functional", "name": model.name, "inputs": inputs, "layers": layers, "outputs": outputs}


Made = tuple[list[str], dict[str, Any]]


def _calls(graph: Any, refs: dict[Tensor, str]) -> dict[Any, list[Made]]:
    """For each layer or inner model the inputs and further arguments of each use; `refs` gets all values' names."""
    calls: dict[Any, list[Made]] = {}
    units = dict.fromkeys(node.uses[0] if node.uses else node for node in graph.nodes)
    for unit in units:
        inner = hasattr(unit, "model")
        entry = unit.model if inner else unit.layer
        made = calls.setdefault(entry, [])
        suffix = f"/{len(made)}" if made else ""
        plain = unit.inputs if inner else unit.plain
        made.append(([refs[tensor] for tensor in plain], {} if inner else _arguments(unit, refs)))
        for number, tensor in enumerate(unit.outputs):
            refs[tensor] = f"{entry.name}{suffix}" + (f":{number}" if len(unit.outputs) > 1 else "")
    return calls


def _arguments(node: Any, refs: dict[Tensor, str]) -> dict[str, Any]:
    """What a layer was called with besides its inputs; a tensor as {"value_of": its name}."""
    how = node.how
    found: dict[str, Any] = {name: to_plain(value, f"{node.layer.name}.call") for name, value in how.options.items()}
    masks: dict[int, Any] = {place: to_plain(mask) for place, mask in how.masks.items()}
    for name, tensor in zip(how.names, node.inputs[len(node.plain) :], strict=True):
        if isinstance(name, int):
            masks[name] = {"value_of": refs[tensor]}
        else:
            found[name] = {"value_of": refs[tensor]}
    if masks:
        listed = [masks.get(place) for place in range(len(node.plain))]
        found["mask"] = {"each": listed}
    return found if how.training is None else found | {"training": how.training}


def _uses(made: list[Made]) -> dict[str, Any]:
    """`inputs`, and `call` where there are further arguments; lists with one for each use if there are several."""
    inputs, calls = [one for one, _ in made], [more for _, more in made]
    found: dict[str, Any] = {"inputs": inputs[0] if len(made) == 1 else inputs}
    return found | {"call": calls[0] if len(made) == 1 else calls} if any(calls) else found


def _spec(entry: Any) -> dict[str, Any]:
    if hasattr(entry, "form"):
        return {"type": "model", "config": describe(entry)}
    config = {key: value for key, value in entry.get_config().items() if key != "name"}
    return {"type": entry.registered_name(), **config}
