"""`python -m kexp show dataset NAME [ARGUMENT=VALUE ...]`: the data themselves: rows, columns, classes, a few rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kexp.cli.words import columns
from kexp.config.components import Checker
from kexp.core.dataset import Dataset, Split
from kexp.core.source import is_source
from kexp.data import is_table, take_rows
from kexp.errors import ConfigError

SHOWN_ROWS = 5
SHOWN_COLUMNS = 60
SHOWN_VALUES = 12
SHOWN_CHARACTERS = 28
MOST_CLASSES = 100
MEASURED_ROWS = 10_000
"""Of a source that is read from disk, so many first rows are looked at."""


def dataset_of(name: str, settings: Sequence[str]) -> Dataset:
    """The data set with these arguments, `KEY=VALUE` each.

    Raises: ConfigError with all that is wrong with them.
    """
    from omegaconf import OmegaConf

    given = OmegaConf.to_container(OmegaConf.from_dotlist([text.removeprefix("dataset.") for text in settings]))
    assert isinstance(given, dict)
    check = Checker()
    made: Dataset | None = check.component("dataset", {"type": name, **given}, ("dataset",))
    if made is None:
        raise ConfigError(check.problems)
    return made


def lines_of(splits: Mapping[str, Split], classes: Sequence[str] = ()) -> Iterator[str]:
    """What there is to see of loaded data."""
    rows = [(name, f"{len(split)} rows", f"x {_form(split.x)}", f"y {_form(split.y)}") for name, split in splits.items()]
    yield from columns(rows)
    name, split = next(iter(splits.items()))
    measured = min(len(split), MEASURED_ROWS) if _is_lazy(split.x) else len(split)
    head = f"{name}:" if measured == len(split) else f"{name}, first {measured} rows:"
    x, y = take_rows(split.x, slice(0, measured)), take_rows(split.y, slice(0, measured))
    x, y = _read(x), _read(y)
    parts = x if isinstance(x, Mapping) else {"x": x} if not isinstance(x, list) else dict(enumerate(x))
    for part, values in parts.items():
        yield ""
        yield f"{head} {part if part != 'x' else 'inputs'}"
        yield from _indented(_columns_of(values))
    if y is not None and not isinstance(y, list | Mapping):
        yield ""
        yield f"{head} targets"
        yield from _indented(_targets(y, classes))
    yield ""
    yield "first rows:"
    yield from _indented(_first_rows(next(iter(parts.values())), y))


def _columns_of(values: Any) -> list[str]:
    if is_table(values):
        named = [(str(name), np.asarray(values[name]), str(values[name].dtype)) for name in values.columns]
    else:
        array = np.asarray(values)
        if array.ndim != 2 or array.shape[1] > SHOWN_COLUMNS:
            return columns([("all values", str(array.dtype), *_figures(array.reshape(-1)))])
        named = [(str(place), array[:, place], str(array.dtype)) for place in range(array.shape[1])]
    head = ("column", "type", "missing", "distinct", "values")
    shown = [head, *((name, dtype, *_figures(column)) for name, column, dtype in named[:SHOWN_COLUMNS])]
    more = len(named) - SHOWN_COLUMNS
    return columns(shown) + ([f"... and {more} more columns"] if more > 0 else [])


def _figures(column: np.ndarray[Any, Any]) -> tuple[str, str, str]:
    """How many values are missing, how many differ, and which there are."""
    if column.dtype.kind in "biufM":
        missing = np.isnat(column) if column.dtype.kind == "M" else np.isnan(column) if column.dtype.kind == "f" else None
        kept = column if missing is None else column[~missing]
        count = 0 if missing is None else int(missing.sum())
        if not len(kept):
            return str(count), "0", "all are missing"
        span = f"{_short(kept.min())} to {_short(kept.max())}"
        if column.dtype.kind in "iuf":
            span += f", mean {kept.mean():.4g}, std {kept.astype(np.float64).std():.4g}"
        return str(count), str(len(np.unique(kept))), span
    texts = [value for value in column if not (value is None or value != value)]  # noqa: PLR0124  (NaN differs from itself)
    found, counts = np.unique(np.asarray(texts, dtype=str), return_counts=True) if texts else (np.array([]), np.array([]))
    order = np.argsort(-counts, kind="stable")[:3]
    most = ", ".join(f"{_short(found[place])} ({counts[place]})" for place in order)
    return str(len(column) - len(texts)), str(len(found)), most + (", ..." if len(found) > 3 else "")


def _targets(y: Any, classes: Sequence[str]) -> list[str]:
    array = np.asarray(y)
    if array.ndim == 2 and array.shape[1] > 1 and set(np.unique(array[:1000])) <= {0, 1} and (array.sum(1) == 1).all():
        array = array.argmax(1)
    found, counts = np.unique(array, return_counts=True) if array.dtype.kind != "O" else np.unique(array.astype(str), return_counts=True)
    whole = array.dtype.kind not in "f" or bool((found == np.rint(found)).all())
    if array.ndim > 1 and array.shape[1:] != (1,) or len(found) > MOST_CLASSES or not whole:
        return columns([("values", str(array.dtype), *_figures(array.reshape(-1)))])
    total = counts.sum()
    named = [f"{_short(label)} {classes[int(label)]}" if classes and str(label).lstrip("-").isdigit() and 0 <= int(label) < len(classes) else _short(label) for label in found]
    rows = [("class", "rows", "share"), *((name, str(n), f"{n / total:.2%}") for name, n in zip(named, counts, strict=True))]
    kept = columns(rows)
    more = len(kept) - 1 - SHOWN_COLUMNS
    return [f"{len(found)} classes", *kept[: SHOWN_COLUMNS + 1]] + ([f"... and {more} more"] if more > 0 else [])


def _first_rows(x: Any, y: Any) -> list[str]:
    x = take_rows(x, slice(0, SHOWN_ROWS))
    targets = None if y is None or isinstance(y, list | Mapping) else np.asarray(take_rows(y, slice(0, SHOWN_ROWS)))
    if is_table(x):
        names, cells = [str(name) for name in x.columns], [[_short(v) for v in row] for row in x.itertuples(index=False)]
    else:
        flat = np.asarray(x).reshape(len(x), -1)
        kept = min(flat.shape[1], SHOWN_VALUES)
        names = [str(place) for place in range(kept)] if np.ndim(x) == 2 else [f"x {'x'.join(map(str, np.shape(x)[1:]))}".strip()] + [""] * (kept - 1)
        cells = [[_short(value) for value in row[:kept]] + (["..."] if flat.shape[1] > kept else []) for row in flat]
        names += ["..."] if flat.shape[1] > kept else []
    if targets is not None:
        names.append("-> target")
        for row, target in zip(cells, targets, strict=True):
            row.append("-> " + " ".join(_short(value) for value in np.ravel(target)[:SHOWN_VALUES]))
    return columns([names, *cells])


def _short(value: Any) -> str:
    text = f"{value:.5g}" if isinstance(value, float | np.floating) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _form(values: Any) -> str:
    if values is None:
        return "none"
    if isinstance(values, Mapping):
        return "{" + ", ".join(f"{name}: {_form(part)}" for name, part in values.items()) + "}"
    if isinstance(values, list):
        return "[" + ", ".join(map(_form, values)) + "]"
    if is_source(values):
        first = values.take(slice(0, 1))
        return f"({', '.join(map(str, (len(values), *first.shape[1:])))}) {getattr(first, 'dtype', 'table')}, read as needed"
    if is_table(values):
        return f"table of {values.shape[1]} columns"
    array = np.asarray(values)
    return f"({', '.join(map(str, array.shape))}{',' if array.ndim == 1 else ''}) {array.dtype}"


def _is_lazy(values: Any) -> bool:
    parts = values.values() if isinstance(values, Mapping) else values if isinstance(values, list) else [values]
    return any(is_source(part) for part in parts)


def _read(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {name: _read(part) for name, part in values.items()}
    if isinstance(values, list):
        return [_read(part) for part in values]
    return values.take(slice(0, len(values))) if is_source(values) else values


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]
