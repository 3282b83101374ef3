"""text_dataset_from_directory: Keras' function of that name."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kexp.core.component import one_of, positive_int
from kexp.errors import ArgumentError, DataError
from kexp_plugins.datasets.folders import class_folders
from kexp_plugins.datasets.image_batches import ImageBatches
from kexp_plugins.datasets.image_directory import check_split, labels_in
from kexp_plugins.datasets.text_files import FORMAT, TextFiles, checked_encoding, text_folder_at, text_paths

Found = tuple[list[str], list[Any] | None, list[str] | None]


def text_dataset_from_directory(
    directory: str | os.PathLike[str],
    labels: Literal["inferred"] | Sequence[int] | None = "inferred",
    label_mode: Literal["int", "categorical", "binary"] | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: Literal["training", "validation", "both"] | None = None,
    follow_links: bool = False,
    format: Literal["tf", "grain"] = "tf",
    verbose: bool = True,
    encoding: str = "utf-8",
) -> Any:
    """Batches (texts, labels) of the text files (.txt) in a folder with a sub-folder for each class.

    Texts are an object array (n,), cut off after `max_length` characters. Labels are int32 (n,) for 'int', one-hot
    float32 (n, k) for 'categorical', float32 (n, 1) for 'binary'; none without `labels` or `label_mode`, and the
    batches are texts alone. Files are in order of folder and name, shuffled by `seed` with NumPy's old generator as in
    Keras; the last part is the validation subset. 'both' gives two sets. `format` is there for Keras' sake and changes
    nothing; `encoding` is ours.
    Raises: ArgumentError, MissingFileError; DataError where there are no texts, or one is empty or not in `encoding`.
    """
    one_of("format", format, ("tf", "grain"))
    one_of("label_mode", label_mode, ("int", "categorical", "binary", None))
    check_split(validation_split, subset, shuffle, seed)
    size = None if batch_size is None else positive_int("batch_size", batch_size)
    length = None if max_length is None else positive_int("max_length", max_length)
    mode = None if labels is None else label_mode
    folder = text_folder_at(directory)
    paths, numbers, names = _files(folder, None if mode is None else labels, class_names, follow_links)
    if not paths:
        raise DataError(f"{folder} holds no texts ({FORMAT})")
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
        texts = TextFiles(paths[part], checked_encoding(encoding), length)
        return ImageBatches(texts, y, names, size, shuffled, chosen)

    parts = _parts(len(paths), validation_split, folder)
    if subset == "both":
        return [made(parts["training"], shuffle), made(parts["validation"], False)]
    return made(parts[subset or "all"], shuffle)


def _files(folder: Path, labels: Any, class_names: Sequence[str] | None, follow_links: bool) -> Found:
    """Paths, their labels, and the names of the classes."""
    if isinstance(labels, str) and labels == "inferred":
        names = class_folders(folder)
        unknown = [name for name in class_names or [] if name not in names]
        if unknown:
            raise ArgumentError(f"class_names has {unknown[0]!r}, and {folder} no such folder. It has: {names}")
        names = names if class_names is None else list(class_names)
        if not names:
            raise DataError(f"{folder} holds no folders: put the texts of each class into a folder of its own")
        each = [text_paths(folder / name, follow_links=follow_links) for name in names]
        labelled = [(path, label) for label, files in enumerate(each) for path in files]
        return [path for path, _ in labelled], [label for _, label in labelled], names
    if class_names is not None:
        raise ArgumentError(f"class_names can only be given with labels='inferred'. Received: {class_names!r}")
    paths = text_paths(folder, follow_links=follow_links)
    if labels is None:
        return paths, None, None
    if not isinstance(labels, list | tuple | np.ndarray):
        raise ArgumentError(
            f"labels must be 'inferred', None or a list with a label for each file. Received: {labels!r}"
        )
    if len(labels) != len(paths):
        raise ArgumentError(f"labels has {len(labels)} entries, and {folder} {len(paths)} texts")
    return paths, list(labels), [str(label) for label in sorted(set(labels))]


def _parts(n: int, validation_split: float | None, folder: Path) -> dict[str, slice]:
    if not validation_split:
        return {"all": slice(None)}
    count = int(validation_split * n)
    if not count:
        raise DataError(f"validation_split={validation_split:g} of the {n} texts in {folder} leaves none to validate")
    return {"training": slice(0, n - count), "validation": slice(n - count, n)}
