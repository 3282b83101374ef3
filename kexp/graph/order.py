"""The order of nodes, and of the layers and models that a model lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kexp.errors import ArgumentError


def ordered_nodes(inputs: Sequence[Any], outputs: Sequence[Any]) -> list[Any]:
    """The nodes that `outputs` depend on, each after those it depends on itself.

    Raises: ArgumentError if an output depends on an input that is not among `inputs`.
    """
    order: list[Any] = []
    done: set[Any] = set()
    given = set(inputs)
    stack = [tensor.node for tensor in reversed(outputs) if tensor.node is not None and tensor not in given]
    lost = next((tensor for tensor in outputs if tensor.node is None and tensor not in given), None)
    if lost is not None:
        raise ArgumentError(f"an output of the model is an input that is not among its inputs: {lost}")
    while stack:
        node = stack[-1]
        if node in done:
            stack.pop()
            continue
        waiting = []
        for tensor in node.inputs:
            if tensor in given or (tensor.node is not None and tensor.node in done):
                continue
            if tensor.node is None:
                raise ArgumentError(
                    f"the model's outputs depend on an input that is not among its inputs: {tensor}, "
                    f"which layer {node.layer.name!r} takes"
                )
            waiting.append(tensor.node)
        if waiting:
            stack.extend(reversed(waiting))
        else:
            done.add(node)
            order.append(node)
            stack.pop()
    return order


def ordered_entries(nodes: Sequence[Any], outputs: Sequence[Any]) -> list[Any]:
    """The layers and models that the nodes are uses of, each once, in the order in which Keras lists them.

    Those farthest from the outputs come first; among equally far ones, those first met on the way back from the
    outputs.
    """
    known = set(nodes)
    met: dict[Any, int] = {}
    finished: list[Any] = []
    seen: set[Any] = set()
    for tensor in outputs:
        if tensor.node in known:
            _walk(_unit(tensor.node), known, met, finished, seen)
    depths: dict[Any, int] = {}
    entry_depths: dict[Any, int] = {}
    for unit in reversed(finished):
        entry = _entry(unit)
        depth = max(depths.get(unit, 0), entry_depths.get(entry, 0))
        depths[unit] = entry_depths[entry] = depth
        for before in _before(unit, known):
            depths[before] = max(depths.get(before, 0), depth + 1)
    return sorted(entry_depths, key=lambda entry: (-entry_depths[entry], met[entry]))


def _walk(start: Any, known: set[Any], met: dict[Any, int], finished: list[Any], seen: set[Any]) -> None:
    """Depth first from `start`, without recursion: `met` in the order of arrival, `finished` in that of leaving."""
    stack: list[tuple[Any, bool]] = [(start, False)]
    while stack:
        unit, leaving = stack.pop()
        if leaving:
            finished.append(unit)
            continue
        if unit in seen:
            continue
        seen.add(unit)
        met.setdefault(_entry(unit), len(met))
        stack.append((unit, True))
        stack.extend((before, False) for before in reversed(_before(unit, known)))


def _unit(node: Any) -> Any:
    """The node itself, or the use of a model that it belongs to."""
    return node.uses[0] if node.uses else node


def _entry(unit: Any) -> Any:
    return unit.model if hasattr(unit, "model") else unit.layer


def _before(unit: Any, known: set[Any]) -> list[Any]:
    return [_unit(tensor.node) for tensor in unit.inputs if tensor.node in known]
