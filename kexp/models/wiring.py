"""Wiring: from a map of layers that name their inputs to a graph.

A name stands for what a layer gives; `name:1` for its second output, `name/1` for its second use, if its `inputs` are
a list of lists, one for each use.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kexp.backend import Backend
from kexp.core.streams import Streams
from kexp.errors import ArgumentError, KexpError, ShapeError, nearest
from kexp.graph import Entry, Tensor, apply

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Ref:
    """One value of the graph: the name of an input or a layer, which use of the layer, which of its outputs."""

    name: str
    use: int = 0
    output: int | None = None


@dataclass
class Call:
    """One use of a layer."""

    name: str
    use: int
    inputs: list[Ref]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def refs(self) -> list[Ref]:
        """All values that the call needs."""
        return [*self.inputs, *_refs_in(self.options)]


@dataclass
class Plan:
    """The calls in an order in which they can be made, the outputs, and what is wrong, by key."""

    calls: list[Call] = field(default_factory=list)
    outputs: dict[str, Ref] = field(default_factory=dict)
    named_outputs: bool = False
    problems: list[tuple[Key, str]] = field(default_factory=list)


def plan(
    inputs: Sequence[str], layers: Mapping[str, Any], outputs: Any = None, options: Mapping[str, Any] | None = None
) -> Plan:
    """The order of calls. `layers`: what stands under `inputs` of each layer, None where nothing does.

    `options`: what stands under `call` of each layer: further arguments, or a list of them, one for each use.

    A layer without `inputs` follows the one before it, the first one the only input.
    """
    made = Plan()
    for name in layers:
        if name in inputs:
            made.problems.append((("layers", name), f"an input of the model is called {name!r} too; names must differ"))
    waiting: list[Call] = []
    before = inputs[0] if len(inputs) == 1 else None
    for name, given in layers.items():
        if given is None and before is None:
            example = inputs[0] if inputs else "NAME"
            text = (
                f"the model has {len(inputs)} inputs, so its first layer must name those it takes: inputs: [{example}]"
            )
            made.problems.append((("layers", name), text))
            given = []
        calls = _calls(name, [before] if given is None else given, inputs, layers, made)
        more = (options or {}).get(name) or {}
        for call in calls:
            own = more[call.use] if isinstance(more, list) else more
            call.options = _with_refs(own, ("layers", name, "call"), inputs, layers, made)
        waiting += calls
        before = name
    _order(waiting, inputs, made)
    _outputs(outputs, inputs, layers, made)
    if not made.problems:
        _unused(inputs, layers, made)
    return made


def _calls(name: str, given: Any, inputs: Sequence[str], layers: Mapping[str, Any], made: Plan) -> list[Call]:
    given = [given] if isinstance(given, str) else given
    nested = isinstance(given, list | tuple) and bool(given) and all(isinstance(one, list | tuple) for one in given)
    calls = []
    for use, names in enumerate(given if nested else [given]):
        key: Key = ("layers", name, "inputs", use) if nested else ("layers", name, "inputs")
        if not isinstance(names, list | tuple) or not all(isinstance(one, str) for one in names):
            made.problems.append((key, f"expected a list of names of layers or inputs. Got {names!r}"))
            continue
        refs = [_ref(one, (*key, i), inputs, layers, made) for i, one in enumerate(names)]
        if None not in refs and refs:
            calls.append(Call(name, use, [ref for ref in refs if ref is not None]))
    return calls


def _ref(text: str, key: Key, inputs: Sequence[str], layers: Mapping[str, Any], made: Plan) -> Ref | None:
    known = [*inputs, *layers]
    if text in known:
        return Ref(text)
    found = re.fullmatch(r"(.+?)(?:/(\d+))?(?::(\d+))?", text)
    if found and found[1] in layers:
        return Ref(found[1], int(found[2] or 0), None if found[3] is None else int(found[3]))
    near = nearest(text, known)
    hint = f" Did you mean {near!r}?" if near else ""
    made.problems.append((key, f"no layer or input is called {text!r}.{hint}\nKnown: {', '.join(known)}"))
    return None


def _with_refs(given: Any, key: Key, inputs: Sequence[str], layers: Mapping[str, Any], made: Plan) -> Any:
    """Further arguments of a call, with a Ref where {"value_of": NAME} stands."""
    if isinstance(given, Mapping) and set(given) == {"value_of"}:
        return _ref(given["value_of"], key, inputs, layers, made)
    if isinstance(given, Mapping) and set(given) == {"each"}:
        return [_with_refs(one, key, inputs, layers, made) for one in given["each"]]
    if isinstance(given, Mapping):
        return {name: _with_refs(value, (*key, name), inputs, layers, made) for name, value in given.items()}
    return np.asarray(given) if isinstance(given, list) else given


def _refs_in(options: Any) -> list[Ref]:
    if isinstance(options, Ref):
        return [options]
    values = options.values() if isinstance(options, dict) else options if isinstance(options, list) else []
    return [ref for value in values for ref in _refs_in(value)]


def _filled(options: Any, values: Mapping[tuple[str, int], Any]) -> Any:
    """Further arguments with the tensors in place of Refs."""
    if isinstance(options, Ref):
        return _pick(values, options)
    if isinstance(options, dict):
        return {name: _filled(value, values) for name, value in options.items()}
    return [_filled(value, values) for value in options] if isinstance(options, list) else options


def _order(waiting: list[Call], inputs: Sequence[str], made: Plan) -> None:
    """Put the calls in order; what waits for itself is a circle, what waits for a wrong call waits in silence."""
    done = {(name, 0) for name in inputs}
    there = {(call.name, call.use) for call in waiting} | done
    lost = {(ref.name, ref.use) for call in waiting for ref in call.refs} - there
    while waiting:
        ready = next((call for call in waiting if all((ref.name, ref.use) in done for ref in call.refs)), None)
        if ready is None:
            break
        waiting.remove(ready)
        made.calls.append(ready)
        done.add((ready.name, ready.use))
    if not made.problems and lost and waiting:
        for name, use in sorted(lost):
            made.problems.append((("layers", name), f"layer {name!r} has no use number {use}, counted from 0"))
    elif not made.problems and waiting:
        names = _circle(waiting)
        text = f"the layers go in a circle: {' -> '.join([*names, names[0]])}"
        made.problems.append((("layers", names[0], "inputs"), text))


def _circle(waiting: Sequence[Call]) -> list[str]:
    """One circle among calls that wait for each other, in the direction of the data."""
    by_name = {call.name: call for call in waiting}
    path = [waiting[0].name]
    while True:
        before = next(ref.name for ref in by_name[path[-1]].refs if ref.name in by_name)
        if before in path:
            return path[path.index(before) :][::-1]
        path.append(before)


def _outputs(outputs: Any, inputs: Sequence[str], layers: Mapping[str, Any], made: Plan) -> None:
    made.named_outputs = isinstance(outputs, Mapping)
    if outputs is None:
        outputs = list(layers)[-1:]
    elif isinstance(outputs, str):
        outputs = [outputs]
    items: Any = outputs.items() if isinstance(outputs, Mapping) else enumerate(outputs)
    if not outputs or not isinstance(outputs, Mapping | list | tuple):
        made.problems.append(
            (("outputs",), f"expected the names of layers, such as [{next(iter(layers), 'NAME')}]. Got {outputs!r}")
        )
        return
    for part, name in items:
        if not isinstance(name, str):
            made.problems.append((("outputs", part), f"expected the name of a layer. Got {name!r}"))
        elif (ref := _ref(name, ("outputs", part), inputs, layers, made)) is not None:
            key = str(part) if made.named_outputs else name
            if key in made.outputs:
                made.problems.append((("outputs", part), f"{name!r} is an output already"))
            made.outputs[key] = ref


def _unused(inputs: Sequence[str], layers: Mapping[str, Any], made: Plan) -> None:
    needed = {(ref.name, ref.use) for ref in made.outputs.values()}
    for call in reversed(made.calls):
        if (call.name, call.use) in needed:
            needed |= {(ref.name, ref.use) for ref in call.refs}
    names = {name for name, _ in needed}
    for name in layers:
        if name not in names:
            text = f"layer {name!r} leads to no output; name it in `outputs`, or take it out"
            made.problems.append((("layers", name), text))
    for name in inputs:
        if name not in names:
            made.problems.append((("inputs", name), f"no output depends on the input {name!r}"))


def wire(
    made: Plan,
    sources: Mapping[str, Tensor],
    layers: Mapping[str, Entry],
    streams: Streams,
    backend: Backend,
    failed: Callable[[str, Exception], None] | None = None,
) -> dict[str, Tensor]:
    """Make the calls of a plan; the outputs by name.

    `failed`, if given, is told of a call that cannot be made; what depends on it is then left out.
    """
    values: dict[tuple[str, int], Any] = {(name, 0): tensor for name, tensor in sources.items()}
    for call in made.calls:
        if any((ref.name, ref.use) not in values for ref in call.refs):  # it depends on a call that failed
            continue
        try:
            taken = [_pick(values, ref) for ref in call.inputs]
            options = _filled(call.options, values)
            values[call.name, call.use] = apply(layers[call.name], taken, streams, backend, options)
        except Exception as error:
            if failed is None:
                if not isinstance(error, KexpError):
                    error.add_note(f"while building layer {call.name!r}")
                raise
            failed(call.name, error)
    found = {}
    for name, ref in made.outputs.items():
        if (ref.name, ref.use) not in values:
            continue
        try:
            found[name] = _pick(values, ref)
        except ShapeError as error:
            if failed is None:
                raise
            failed(ref.name, error)
    return found


def _pick(values: Mapping[tuple[str, int], Any], ref: Ref) -> Tensor:
    value = values[ref.name, ref.use]
    parts = _flat(list(value.values()) if isinstance(value, Mapping) else value)
    if ref.output is None and len(parts) > 1:
        numbers = ", ".join(f"{ref.name}:{i}" for i in range(len(parts)))
        raise ShapeError(f"layer {ref.name!r} gives {len(parts)} outputs; say which: {numbers}")
    if (ref.output or 0) >= len(parts):
        raise ShapeError(f"layer {ref.name!r} gives {len(parts)} outputs, so {ref.name}:{ref.output} is not there")
    picked: Tensor = parts[ref.output or 0]
    return picked


def _flat(value: Any) -> list[Any]:
    """The tensors in nested lists, such as the states of a stack of cells, in one list."""
    return [part for one in value for part in _flat(one)] if isinstance(value, list) else [value]


def sound(made: Plan, what: str) -> Plan:
    """The plan.

    Raises: ArgumentError with everything that is wrong with it.
    """
    if made.problems:
        lines = [f"{what}.{'.'.join(map(str, key))}: {text}" for key, text in made.problems]
        raise ArgumentError("\n".join(lines))
    return made
