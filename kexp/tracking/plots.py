"""Pictures of a run; the one door to matplotlib."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

History = Mapping[str, Sequence[float]]


def history_csv(history: History, path: Path) -> None:
    """One row an epoch (counted from 0), one column a metric; empty where an epoch has no value."""
    rows = max((len(values) for values in history.values()), default=0)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *history])
        for epoch in range(rows):
            writer.writerow([epoch, *(repr(v[epoch]) if epoch < len(v) else "" for v in history.values())])


def history_plot(history: History, path: Path) -> None:
    """A panel for each metric, with its curve in training and, where there is one, in validation."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # at the door: half a second to import
    from matplotlib.figure import Figure

    names = [name for name in history if not (name.startswith("val_") and name[4:] in history)]
    figure = Figure(figsize=(5.2 * len(names), 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        for label, key in (("training", name), ("validation", f"val_{name}")):
            if key in history:
                values = history[key]
                axes.plot(range(1, len(values) + 1), values, label=label, marker="o" if len(values) < 3 else None)
        axes.set_title(name)
        axes.set_xlabel("epoch")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    figure.savefig(path, dpi=110)
