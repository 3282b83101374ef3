"""Folders of labelled files as batches: what Keras' functions for images and for texts have in common."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kexp.backend import settings
from kexp.core.component import number, one_of
from kexp.errors import ArgumentError, DataError
from kexp_plugins.datasets.folders import class_folders
from kexp_plugins.datasets.image_batches import ImageBatches

Found = tuple[list[str], list[Any] | None, list[str] | None]
"""Paths, their labels, and the names of the classes."""


def cut_into_batches(
    found: Found,
    folder: Path,
    what: str,
    source: Callable[[list[str]], Any],
    mode: str | None,
    size: int | None,
    shuffle: bool,
    seed: int | None,
    validation_split: float | None,
    subset: str | None,
    verbose: bool,
) -> Any:
    """Batches of the files that were found, read by what `source` makes of their paths; two of them for 'both'."""
    paths, numbers, names = found
    if mode == "binary" and len(names or []) != 2:
        raise ArgumentError(f"label_mode 'binary' needs two classes. {folder} has {len(names or [])}: {names}")
    if verbose:
        print(f"Found {len(paths)} files" + ("." if names is None else f" belonging to {len(names)} classes."))
    chosen = secrets.randbelow(10**6) if seed is None else seed
    if shuffle:
        order = list(range(len(paths)))
        np.random.RandomState(chosen).shuffle(order)
        paths, numbers = [paths[i] for i in order], None if numbers is None else [numbers[i] for i in order]

    def made(part: slice, shuffled: bool) -> ImageBatches:
        y = None if numbers is None else labels_in(numbers[part], mode, len(names or []))
        return ImageBatches(source(paths[part]), y, names, size, shuffled, chosen)

    parts = parts_of(len(paths), validation_split, folder, what)
    if subset == "both":
        return [made(parts["training"], shuffle), made(parts["validation"], False)]
    return made(parts[subset or "all"], shuffle)


def labelled_files(
    folder: Path, labels: Any, class_names: Sequence[str] | None, listed: Callable[[Path], list[str]], what: str
) -> Found:
    """Paths, their labels, and the names of the classes; `listed` finds files, called `what` in errors."""
    if isinstance(labels, str) and labels == "inferred":
        names = class_folders(folder)
        unknown = [name for name in class_names or [] if name not in names]
        if unknown:
            raise ArgumentError(f"class_names has {unknown[0]!r}, and {folder} no such folder. It has: {names}")
        names = names if class_names is None else list(class_names)
        if not names:
            raise DataError(f"{folder} holds no folders: put the {what} of each class into a folder of its own")
        each = [listed(folder / name) for name in names]
        labelled = [(path, label) for label, files in enumerate(each) for path in files]
        return [path for path, _ in labelled], [label for _, label in labelled], names
    if class_names is not None:
        raise ArgumentError(f"class_names can only be given with labels='inferred'. Received: {class_names!r}")
    paths = listed(folder)
    if labels is None:
        return paths, None, None
    if not isinstance(labels, list | tuple | np.ndarray):
        raise ArgumentError(
            f"labels must be 'inferred', None or a list with a label for each file. Received: {labels!r}"
        )
    if len(labels) != len(paths):
        raise ArgumentError(f"labels has {len(labels)} entries, and {folder} {len(paths)} {what}")
    return paths, list(labels), [str(label) for label in sorted(set(labels))]


def labels_in(numbers: list[Any], mode: str | None, n_classes: int) -> np.ndarray[Any, Any]:
    """Class numbers in the form that `label_mode` names."""
    labels = np.asarray(numbers, dtype=np.int32)
    if mode == "binary":
        return labels.astype(settings.floatx())[:, None]
    if mode == "categorical":
        return np.eye(n_classes, dtype=settings.floatx())[labels]
    return labels


def parts_of(n: int, validation_split: float | None, folder: Path, what: str) -> dict[str, slice]:
    """Which of `n` files train and which validate, in order."""
    if not validation_split:
        return {"all": slice(None)}
    count = int(validation_split * n)
    if not count:
        raise DataError(f"validation_split={validation_split:g} of the {n} {what} in {folder} leaves none to validate")
    return {"training": slice(0, n - count), "validation": slice(n - count, n)}


def check_split(validation_split: Any, subset: Any, shuffle: bool, seed: int | None) -> None:
    """Raise ArgumentError unless the arguments that cut off a validation part go together."""
    one_of("subset", subset, ("training", "validation", "both", None))
    if bool(validation_split) != bool(subset):
        raise ArgumentError("validation_split and subset go together: give both or neither")
    if validation_split and not 0 < number("validation_split", validation_split) < 1:
        raise ArgumentError(f"validation_split must be between 0 and 1. Received: {validation_split!r}")
    if validation_split and shuffle and seed is None:
        raise ArgumentError("give a seed with validation_split and shuffle, or the two subsets overlap")
