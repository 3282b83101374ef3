"""`python -m kexp show dataset NAME [ARGUMENT=VALUE ...]`: the data themselves: rows, columns, classes, a few rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kexp.cli.words import columns
from kexp.config.components import Checker
from kexp.core.dataset import Dataset, Split
from kexp.core.source import is_source
from kexp.data import is_table, take_rows
from kexp.errors import ConfigError, plural

SHOWN_ROWS = 5
SHOWN_COLUMNS = 60
SHOWN_VALUES = 12
SHOWN_CHARACTERS = 28
MOST_FREQUENT = 3
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


def lines_of(splits: Mapping[str, Split], classes: Sequence[str] = (), features: Sequence[str] = ()) -> Iterator[str]:
    """What there is to see of loaded data; `features` are the names of the columns of an array."""
    rows = [
        (name, f"{len(split)} rows", f"x {_form(split.x)}", f"y {_form(split.y)}") for name, split in splits.items()
    ]
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
        yield from _indented(_columns_of(values, features))
    if y is not None and not isinstance(y, list | Mapping):
        yield ""
        yield f"{head} targets"
        yield from _indented(_targets(y, classes))
    yield ""
    yield "first rows:"
    yield from _indented(_first_rows(next(iter(parts.values())), y, features))


HEAD = ("type", "missing", "distinct", "values")


def _columns_of(values: Any, features: Sequence[str]) -> list[str]:
    """A line for each column of a table or of rows; one for all values of anything else."""
    if is_table(values):
        named = [(str(values.columns[at]), values.iloc[:, at]) for at in range(values.shape[1])]
    else:
        array = np.asarray(values)
        if array.ndim != 2 or array.shape[1] > SHOWN_COLUMNS:
            return columns([HEAD, (str(array.dtype), *_figures(array.reshape(-1)))])
        names = _names_of(array, features)
        named = [(names[at], array[:, at]) for at in range(array.shape[1])]
    shown = [(name, str(column.dtype), *_figures(np.asarray(column))) for name, column in named[:SHOWN_COLUMNS]]
    more = len(named) - SHOWN_COLUMNS
    return columns([("column", *HEAD), *shown]) + ([f"... and {more} more columns"] if more > 0 else [])


def _names_of(array: np.ndarray[Any, Any], features: Sequence[str]) -> list[str]:
    """What to call the columns of rows (n, d): their names, if they fit, else their numbers."""
    d = array.shape[1]
    return list(features) if len(features) == d else [str(at) for at in range(d)]


def _figures(column: np.ndarray[Any, Any]) -> tuple[str, str, str]:
    """How many values are missing, how many differ, and which there are."""
    return _figures_of_numbers(column) if column.dtype.kind in "biufmM" else _figures_of_texts(column)


def _figures_of_numbers(column: np.ndarray[Any, Any]) -> tuple[str, str, str]:
    missing = np.isnan(column) if column.dtype.kind == "f" else np.zeros(len(column), bool)
    if column.dtype.kind in "mM":
        missing = np.isnat(column)
    kept, count = column[~missing], int(missing.sum())
    if not len(kept):
        return str(count), "0", "all are missing" if count else "none"
    span = f"{_short(kept.min())} to {_short(kept.max())}"
    if column.dtype.kind in "iuf":
        exact = kept.astype(np.float64)
        span += f", mean {exact.mean():.4g}, std {exact.std():.4g}"
    return str(count), str(len(np.unique(kept))), span


def _figures_of_texts(column: np.ndarray[Any, Any]) -> tuple[str, str, str]:
    texts = [str(value) for value in column if not _is_missing(value)]
    found = Counter(texts)
    most = ", ".join(f"{_short(text)} ({count})" for text, count in found.most_common(MOST_FREQUENT))
    more = ", ..." if len(found) > MOST_FREQUENT else ""
    return str(len(column) - len(texts)), str(len(found)), most + more or "all are missing"


def _is_missing(value: Any) -> bool:
    """None, NaN, NaT, or pandas' NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and math.isnan(value)


def _targets(y: Any, classes: Sequence[str]) -> list[str]:
    """The classes and how often each stands there; of other targets their figures."""
    array = np.asarray(y)
    labels = array.argmax(1) if _is_one_hot(array) else array
    if not _are_classes(labels):
        return columns([HEAD, (str(array.dtype), *_figures(array.reshape(-1)))])
    found, counts = np.unique(labels.astype(str) if labels.dtype.kind == "O" else labels, return_counts=True)
    names = _class_names(found, classes)
    rows = [(name, str(n), f"{n / counts.sum():.2%}") for name, n in zip(names, counts, strict=True)]
    more = len(rows) - SHOWN_COLUMNS
    shown = columns([("class", "rows", "share"), *rows[:SHOWN_COLUMNS]])
    return [_counted(len(found), "class"), *shown] + ([f"... and {more} more"] if more > 0 else [])


def _is_one_hot(array: np.ndarray[Any, Any]) -> bool:
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "biuf":
        return False
    return bool(((array == 0) | (array == 1)).all() and (array.sum(1) == 1).all())


def _are_classes(labels: np.ndarray[Any, Any]) -> bool:
    """Whether there is one label a row, from a few texts or whole numbers."""
    if labels.ndim > 1 and labels.shape[1:] != (1,):
        return False
    if labels.dtype.kind == "f" and not (labels == np.rint(labels)).all():
        return False
    return len(set(labels.ravel().tolist())) <= MOST_CLASSES


def _class_names(labels: np.ndarray[Any, Any], classes: Sequence[str]) -> list[str]:
    """The labels, sorted, with what they stand for; they count from 0, or from 1 if the last is the classes' number."""
    shown = [_short(label) for label in labels]
    if not classes or labels.dtype.kind not in "biuf" or not len(labels):
        return shown
    first = 1 if labels[0] >= 1 and labels[-1] == len(classes) else 0
    if labels[0] < first or labels[-1] >= first + len(classes):
        return shown
    names = [classes[int(label) - first] for label in labels]
    return [text if text == name else f"{text} {name}" for text, name in zip(shown, names, strict=True)]


def _counted(count: int, word: str) -> str:
    return f"{count} {word if count == 1 else plural(word)}"


def _first_rows(x: Any, y: Any, features: Sequence[str]) -> list[str]:
    x = take_rows(x, slice(0, SHOWN_ROWS))
    if is_table(x):
        names = [str(name) for name in x.columns]
        cells = [[_short(value) for value in row] for row in x.itertuples(index=False)]
    else:
        names, cells = _cells_of_array(np.asarray(x), features)
    if y is not None and not isinstance(y, list | Mapping):
        names.append("-> target")
        for row, target in zip(cells, np.asarray(take_rows(y, slice(0, SHOWN_ROWS))), strict=True):
            row.append("-> " + " ".join(_short(value) for value in np.ravel(target)[:SHOWN_VALUES]))
    return columns([names, *cells])


def _cells_of_array(x: np.ndarray[Any, Any], features: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """The head of the columns, and the first values of each row; of images and sequences the middle ones."""
    flat = x.reshape(len(x), -1)
    width = flat.shape[1]
    kept = min(width, SHOWN_VALUES)
    if x.ndim == 2:
        names, start = _names_of(x, features)[:kept], 0
    else:
        start = (width - kept) // 2 if x.ndim > 2 else 0  # the edge of an image says little
        where = f"values {start} to {start + kept - 1} of {'x'.join(map(str, x.shape[1:]))}" if x.ndim > 2 else "x"
        names = [where] if kept else []
    cells = [[_short(value) for value in row[start : start + kept]] for row in flat]
    if x.ndim > 2:
        cells = [[" ".join(row)] for row in cells]
    elif width > kept:
        names, cells = [*names, "..."], [[*row, "..."] for row in cells]
    return names, cells


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
        if is_table(first):
            return f"table of {first.shape[1]} columns, read as needed"
        return f"{_shape((len(values), *first.shape[1:]))} {first.dtype}, read as needed"
    if is_table(values):
        return f"table of {values.shape[1]} columns"
    array = np.asarray(values)
    return f"{_shape(array.shape)} {array.dtype}"


def _shape(shape: tuple[int, ...]) -> str:
    return str(tuple(int(size) for size in shape))


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
