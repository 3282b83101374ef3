"""The table that `model.summary()` prints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kexp.core.layer import Shape
from kexp.core.weight import Weight
from kexp.errors import ArgumentError


def summary_rows(model: Any, *, expand_nested: bool = False, level: int = 0) -> list[dict[str, Any]]:
    """Name, type, output shape, weights and operations of each layer; inner models' layers after them if asked for."""
    uses, counts = _uses(model), _flops(model)
    rows = []
    for layer in model.layers:
        inputs, outputs = uses.get(layer) or getattr(layer, "seen", None) or (None, None)
        inner = hasattr(layer, "graph")
        rows.append(
            {
                "name": layer.name,
                "type": type(layer).__name__,
                "output_shape": outputs,
                "params": layer.count_params(),
                "trainable": layer.trainable,
                "flops": counts[layer]
                if layer in counts
                else None
                if outputs is None
                else layer.flops(inputs, outputs),
                "level": level,
            }
        )
        if inner and expand_nested:
            rows += summary_rows(layer, expand_nested=True, level=level + 1)
    return rows


def summary_text(
    model: Any,
    *,
    expand_nested: bool = False,
    trainable: bool = False,
    flops: bool = False,
    layer_range: Sequence[str] | None = None,
) -> str:
    """The table of layers, and the totals."""
    columns: list[tuple[str, Callable[[dict[str, Any]], str], bool]] = [
        ("Layer (type)", lambda row: f"{'  ' * row['level']}{row['name']} ({row['type']})", False),
        ("Output Shape", lambda row: shape_text(row["output_shape"]), False),
        ("Param #", lambda row: f"{row['params']:,}", True),
    ]
    if flops:
        columns.append(("FLOPs", lambda row: "-" if row["flops"] is None else f"{row['flops']:,}", True))
    if trainable:
        columns.append(("Trainable", lambda row: "yes" if row["trainable"] else "no", False))
    rows = _between(summary_rows(model, expand_nested=expand_nested), layer_range)
    table = [[title for title, _, _ in columns], *([cell(row) for _, cell, _ in columns] for row in rows)]
    widths = [max(len(cells[i]) for cells in table) for i in range(len(columns))]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    lines = [f'Model: "{model.name}"', rule]
    for i, cells in enumerate(table):
        lines.append("  ".join(_aligned(c, widths[j], right=columns[j][2]) for j, c in enumerate(cells)).rstrip())
        if i == 0:
            lines.append(rule)
    totals = _totals(model.weights)
    if flops:
        known = [row["flops"] for row in summary_rows(model)]
        unknown = sum(count is None for count in known)
        note = f" (without {unknown} layer{'s' if unknown > 1 else ''} that cannot tell)" if unknown else ""
        totals.append(f"FLOPs of one sample: {sum(count or 0 for count in known):,}{note}")
    return "\n".join([*lines, rule, *totals])


def shape_text(shape: Shape | list[Shape] | dict[str, Shape] | None) -> str:
    """(None, 8), or several of them."""
    if shape is None:
        return "?"
    if isinstance(shape, dict):
        return ", ".join(f"{name}: {shape_text(one)}" for name, one in shape.items())
    if isinstance(shape, list):
        return ", ".join(shape_text(one) for one in shape)
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def print_summary(text: str, print_fn: Callable[[str], Any] | None) -> None:
    """Hand the table to `print_fn`, or print it."""
    (print_fn or print)(text)


def _uses(model: Any) -> dict[Any, tuple[Any, Any]]:
    """The shapes of inputs and outputs at the first use of each layer or inner model."""
    found: dict[Any, tuple[Any, Any]] = {}
    for node in model.graph.nodes:
        if node.uses:
            inner = node.uses[0].model
            found.setdefault(inner, (inner.input_shape, inner.output_shape))
        else:
            found.setdefault(node.layer, (_shapes(node.inputs), _shapes(node.outputs)))
    return found


def _shapes(tensors: Sequence[Any]) -> Any:
    shapes = [tensor.shape for tensor in tensors]
    return shapes[0] if len(shapes) == 1 else shapes


def _flops(model: Any) -> dict[Any, int | None]:
    """The operations of each layer and inner model of a graph, of all its uses together."""
    counts: dict[Any, list[int | None]] = {}
    for unit in dict.fromkeys(node.uses[0] if node.uses else node for node in model.graph.nodes):
        if hasattr(unit, "model"):
            counts.setdefault(unit.model, []).append(_sum(_flops(unit.model).values()))
        else:
            shapes = _shapes(unit.inputs), _shapes(unit.outputs)
            counts.setdefault(unit.layer, []).append(unit.layer.flops(*shapes))
    return {entry: _sum(found) for entry, found in counts.items()}


def _sum(counts: Iterable[int | None]) -> int | None:
    found = list(counts)
    return None if None in found else sum(count or 0 for count in found)


def _between(rows: list[dict[str, Any]], layer_range: Sequence[str] | None) -> list[dict[str, Any]]:
    """The rows from the first to the last of the two layers, each named by a pattern or its name."""
    if layer_range is None:
        return rows
    if len(layer_range) != 2:
        raise ArgumentError(f"layer_range must name two layers, the first and the last. Received: {layer_range!r}")
    places = []
    for name in layer_range:
        fitting = [i for i, row in enumerate(rows) if row["name"] == name or re.fullmatch(name, row["name"])]
        if not fitting:
            known = ", ".join(row["name"] for row in rows)
            raise ArgumentError(f"layer_range: no layer is called {name!r}. Layers: {known}")
        places += [min(fitting), max(fitting)]
    return rows[min(places) : max(places) + 1]


def _totals(weights: Sequence[Weight]) -> list[str]:
    unique = list(dict.fromkeys(weights))
    trainable = [weight for weight in unique if weight.trainable]
    frozen = [weight for weight in unique if not weight.trainable]
    kinds = (("Total params", unique), ("Trainable params", trainable), ("Non-trainable params", frozen))
    return [f"{label}: {sum(w.value.size for w in part):,} ({_bytes(part)})" for label, part in kinds]


def _bytes(weights: Sequence[Weight]) -> str:
    size = float(sum(weight.value.nbytes for weight in weights))
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.2f} {unit}" if unit != "B" else f"{size:.0f} B"
        size /= 1024
    return f"{size:.2f} GB"


def _aligned(text: str, width: int, *, right: bool) -> str:
    return text.rjust(width) if right else text.ljust(width)
