"""The table that `model.summary()` prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kexp.core.layer import Layer, Shape
from kexp.core.weight import Weight


def summary_rows(layers: Sequence[Layer], shapes: Sequence[Any]) -> list[dict[str, Any]]:
    """Name, type, output shape and number of weights of each layer."""
    return [
        {
            "name": layer.name,
            "type": type(layer).__name__,
            "output_shape": shape,
            "params": layer.count_params(),
            "trainable": layer.trainable,
        }
        for layer, shape in zip(layers, shapes, strict=True)
    ]


def summary_text(name: str, layers: Sequence[Layer], shapes: Sequence[Any], *, show_trainable: bool = False) -> str:
    """The table of layers, and the totals."""
    header = ["Layer (type)", "Output Shape", "Param #"] + (["Trainable"] if show_trainable else [])
    table = [header]
    for row in summary_rows(layers, shapes):
        cells = [f"{row['name']} ({row['type']})", shape_text(row["output_shape"]), f"{row['params']:,}"]
        table.append(cells + (["yes" if row["trainable"] else "no"] if show_trainable else []))
    widths = [max(len(cells[i]) for cells in table) for i in range(len(header))]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    lines = [f'Model: "{name}"', rule]
    for i, cells in enumerate(table):
        lines.append("  ".join(_aligned(cell, widths[j], right=j == 2) for j, cell in enumerate(cells)).rstrip())
        if i == 0:
            lines.append(rule)
    return "\n".join([*lines, rule, *_totals([weight for layer in layers for weight in layer.weights])])


def shape_text(shape: Shape | list[Shape]) -> str:
    """(None, 8), or several of them."""
    if isinstance(shape, list):
        return ", ".join(shape_text(one) for one in shape)
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def print_summary(text: str, print_fn: Callable[[str], Any] | None) -> None:
    """Hand the table to `print_fn`, or print it."""
    (print_fn or print)(text)


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
