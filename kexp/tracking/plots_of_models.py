"""Pictures of models: a box for each use of a layer, arrows along the data; no Graphviz needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from kexp.core.component import one_of, positive_int
from kexp.errors import ArgumentError
from kexp.models.summary import shape_text

FORMATS = ("png", "svg", "pdf")
LETTER, LINE, GAP, ROW_GAP = 0.078, 0.19, 0.3, 0.42  # inches at 9 points


@dataclass(eq=False)
class Box:
    """One box, or a bend of an arrow that passes a row (no lines); x and y are the middle, in inches."""

    lines: list[str]
    frozen: bool = False
    before: list[Box] = field(default_factory=list)
    row: int = 0
    x: float = 0.0
    y: float = 0.0
    span: float = 0.0
    """Its extent along the data; a bend spans its whole row, so that arrows are slanted between rows alone."""

    @property
    def width(self) -> float:
        return max(map(len, self.lines), default=0) * LETTER + (0.3 if self.lines else 0)

    @property
    def height(self) -> float:
        return len(self.lines) * LINE + (0.16 if self.lines else 0)


def plot_model(
    model: Any,
    to_file: str | Path = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: Literal["TB", "LR"] = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    **kwargs: Any,
) -> Path:
    """Draw a model to a PNG, SVG or PDF file, by its ending; the path of the file.

    Each use of a layer has a box: its type, and what is asked for besides. `expand_nested` draws the layers of inner
    models in their place. `kwargs`: Graphviz's settings (splines), without effect.
    Raises: StateError if the model is not built; ArgumentError for another ending.
    """
    path = Path(to_file)
    if path.suffix.lower().removeprefix(".") not in FORMATS:
        raise ArgumentError(f"to_file must end in {', '.join('.' + f for f in FORMATS)}. Received: {str(to_file)!r}")
    one_of("rankdir", rankdir, ("TB", "LR"))
    positive_int("dpi", dpi)
    shown = {
        "names": show_layer_names, "shapes": show_shapes, "dtype": show_dtype,
        "activations": show_layer_activations, "trainable": show_trainable,
    }  # fmt: skip
    boxes = _boxes(model, expand_nested, shown)
    rows = _rows(boxes)
    _place(rows, rankdir)
    _draw([box for row in rows for box in row], path, dpi, rankdir)
    return path


def _boxes(model: Any, expand_nested: bool, shown: dict[str, bool]) -> list[Box]:
    graph = model.graph
    sources: dict[Any, Box] = {}
    for tensor, name in zip(graph.inputs, graph.input_names, strict=True):
        lines = [name if shown["names"] else "Input"] + (
            [f"shape: {shape_text(tensor.shape)}"] if shown["shapes"] else []
        )
        sources[tensor] = Box(lines + ([f"dtype: {tensor.dtype}"] if shown["dtype"] else []))
    boxes = list(sources.values())
    units = dict.fromkeys(node if expand_nested or not node.uses else node.uses[0] for node in graph.nodes)
    for unit in units:
        entry = unit.model if hasattr(unit, "model") else unit.layer
        path = [use.model.name for use in getattr(unit, "uses", ())]
        box = Box(_lines(unit, entry, path, shown), not entry.trainable and bool(entry.weights))
        box.before = list(dict.fromkeys(sources[tensor] for tensor in unit.inputs))
        sources.update(dict.fromkeys(unit.outputs, box))
        boxes.append(box)
    return boxes


def _lines(unit: Any, entry: Any, path: list[str], shown: dict[str, bool]) -> list[str]:
    kind = type(entry).__name__
    lines = [f"{'/'.join([*path, entry.name])} ({kind})" if shown["names"] else kind]
    activation = getattr(entry, "activation", None)
    if shown["activations"] and activation is not None:
        lines.append(f"activation: {getattr(activation, 'name', None) or type(activation).__name__}")
    if shown["shapes"]:
        lines.append(f"in: {shape_text([tensor.shape for tensor in unit.inputs])}")
        lines.append(f"out: {shape_text([tensor.shape for tensor in unit.outputs])}")
    if shown["dtype"]:
        lines.append(f"dtype: {unit.outputs[0].dtype}")
    if shown["trainable"] and entry.weights:
        lines.append("trainable" if entry.trainable else "frozen")
    return lines


def _rows(boxes: list[Box]) -> list[list[Box]]:
    """Boxes by the longest way from an input, arrows that pass a row bent there; each row near what it follows."""
    rows: list[list[Box]] = []
    for box in boxes:
        box.row = max((before.row + 1 for before in box.before), default=0)
        rows += [[] for _ in range(box.row + 1 - len(rows))]
    for box in boxes:
        if not box.before:  # an input stands just above what takes it first
            box.row = max(0, min((b.row for b in boxes if box in b.before), default=1) - 1)
        rows[box.row].append(box)
    for box in boxes:
        for i, before in enumerate(box.before):
            for number in range(before.row + 1, box.row):
                before = Box([], before=[before], row=number)
                rows[number].append(before)
            box.before[i] = before
    place: dict[Box, float] = {}
    for row in rows:
        middle = {
            box: sum(place[b] for b in box.before) / len(box.before) if box.before else len(row) / 2 for box in row
        }
        row.sort(key=lambda box: middle[box])
        place |= {box: float(i) - (len(row) - 1) / 2 for i, box in enumerate(row)}
    return rows


def _place(rows: list[list[Box]], rankdir: str) -> None:
    """Give every box its middle; rows are centred and do not touch."""
    across = [[box.width if rankdir == "TB" else box.height for box in row] for row in rows]
    widest = max(sum(sizes) + GAP * (len(sizes) + 1) for sizes in across)
    down = 0.0
    for row, sizes in zip(rows, across, strict=True):
        depth = max(box.height if rankdir == "TB" else box.width for box in row)
        at = (widest - sum(sizes) - GAP * (len(sizes) - 1)) / 2
        for box, size in zip(row, sizes, strict=True):
            side, along = at + size / 2, down + depth / 2
            box.span = depth if not box.lines else box.height if rankdir == "TB" else box.width
            box.x, box.y = (side, -along) if rankdir == "TB" else (along, -side)
            at += size + GAP
        down += depth + ROW_GAP


def _draw(boxes: list[Box], path: Path, dpi: int, rankdir: str) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # at the door: half a second to import
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyBboxPatch

    edge = 0.15
    left, right = (f(s * b.width / 2 + b.x for b in boxes) for f, s in ((min, -1), (max, 1)))
    low, high = (f(s * b.height / 2 + b.y for b in boxes) for f, s in ((min, -1), (max, 1)))
    figure = Figure(figsize=(right - left + 2 * edge, high - low + 2 * edge))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(left - edge, right + edge)
    axes.set_ylim(low - edge, high + edge)
    axes.axis("off")
    for box in boxes:
        for before in box.before:
            ends = [_end(before, rankdir, 1), _end(box, rankdir, -1)]
            style = {
                "arrowstyle": "-|>" if box.lines else "-",
                "color": "#555555",
                "shrinkA": 0,
                "shrinkB": 0,
                "lw": 0.9,
            }
            axes.annotate("", xy=ends[1], xytext=ends[0], arrowprops=style)
        if not box.lines:
            axes.plot(*zip(_end(box, rankdir, -1), _end(box, rankdir, 1), strict=True), color="#555555", lw=0.9)
            continue
        colour = "#eeeeee" if box.frozen else "#ffffff" if not box.before else "#e3edf7"
        corner = (box.x - box.width / 2 + 0.04, box.y - box.height / 2 + 0.04)
        patch = FancyBboxPatch(
            corner, box.width - 0.08, box.height - 0.08,
            boxstyle="round,pad=0.04", facecolor=colour, edgecolor="#33526e", linewidth=0.9,
        )  # fmt: skip
        axes.add_patch(patch)
        for i, line in enumerate(box.lines):
            y = box.y + (len(box.lines) / 2 - i - 0.5) * LINE
            weight = "bold" if i == 0 else "normal"
            axes.text(box.x, y, line, ha="center", va="center", fontsize=8, weight=weight, parse_math=False)
    figure.savefig(path, dpi=dpi)


def _end(box: Box, rankdir: str, side: int) -> tuple[float, float]:
    """Where an arrow leaves a box (side 1) or enters it (-1)."""
    if rankdir == "TB":
        return box.x, box.y - side * box.span / 2
    return box.x + side * box.span / 2, box.y
