"""text_dataset_from_directory: Keras' function of that name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Literal

from kexp.core.component import one_of, positive_int
from kexp.errors import DataError
from kexp_plugins.datasets.directories import check_split, cut_into_batches, labelled_files
from kexp_plugins.datasets.text_files import FORMAT, TextFiles, checked_encoding, text_folder_at, text_paths


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
    found = labelled_files(
        folder, None if mode is None else labels, class_names,
        lambda place: text_paths(place, follow_links=follow_links), "texts",
    )  # fmt: skip
    if not found[0]:
        raise DataError(f"{folder} holds no texts ({FORMAT})")
    return cut_into_batches(
        found, folder, "texts", lambda paths: TextFiles(paths, checked_encoding(encoding), length),
        mode, size, shuffle, seed, validation_split, subset, verbose,
    )  # fmt: skip
