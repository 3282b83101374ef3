"""image_dataset_from_directory: Keras' function of that name."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kexp.backend import settings
from kexp.core.component import number, one_of, positive_int
from kexp.errors import ArgumentError, DataError
from kexp_plugins.datasets.folders import class_folders, files_below
from kexp_plugins.datasets.image_batches import ImageBatches
from kexp_plugins.datasets.image_files import (
    FORMATS,
    ImageFiles,
    Look,
    color_mode_of,
    existing_folder,
    is_image,
)
from kexp_plugins.layers.image_axes import chosen_format, sizes
from kexp_plugins.transforms.resampling import ALL_INTERPOLATIONS, Resizing

Interpolation = Literal["bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]
Found = tuple[list[str], list[Any] | None, list[str] | None]


def image_dataset_from_directory(
    directory: str | os.PathLike[str],
    labels: Literal["inferred"] | Sequence[int] | None = "inferred",
    label_mode: Literal["int", "categorical", "binary"] | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: Literal["grayscale", "rgb", "rgba"] = "rgb",
    batch_size: int | None = 32,
    image_size: int | tuple[int, int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: Literal["training", "validation", "both"] | None = None,
    interpolation: Interpolation = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: Literal["channels_last", "channels_first"] | None = None,
    format: Literal["tf", "grain"] = "tf",
    verbose: bool = True,
) -> Any:
    """Batches (images, labels) of the image files in a folder with a sub-folder for each class.

    Images are float32 0 to 255, (n, h, w, c). Labels are int32 (n,) for 'int', one-hot float32 (n, k) for
    'categorical', float32 (n, 1) for 'binary'; none without `labels` or `label_mode`, and the batches are images
    alone. Files are in order of folder and name, shuffled by `seed` with NumPy's old generator as in Keras; the last
    part is the validation subset. 'both' gives two sets. `format` is there for Keras' sake and changes nothing.
    Raises: ArgumentError, MissingFileError; DataError where there are no images, or one is damaged.
    """
    one_of("format", format, ("tf", "grain"))
    one_of("label_mode", label_mode, ("int", "categorical", "binary", None))
    check_split(validation_split, subset, shuffle, seed)
    height, width = sizes("image_size", image_size, 2)
    one_of("interpolation", interpolation, ALL_INTERPOLATIONS)
    resizing = Resizing((height, width), interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio)
    look = Look(resizing, color_mode_of(color_mode), chosen_format(data_format))
    size = None if batch_size is None else positive_int("batch_size", batch_size)
    mode = None if labels is None else label_mode
    folder = existing_folder(directory)
    found = _files(folder, None if mode is None else labels, class_names, follow_links)
    paths, numbers, names = found
    if not paths:
        raise DataError(f"{folder} holds no images ({', '.join(FORMATS)})")
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
        return ImageBatches(ImageFiles(paths[part], look), y, names, size, shuffled, chosen)

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
            raise DataError(f"{folder} holds no folders: put the images of each class into a folder of its own")
        each = [_images(folder / name, follow_links) for name in names]
        labelled = [(path, label) for label, files in enumerate(each) for path in files]
        return [path for path, _ in labelled], [label for _, label in labelled], names
    if class_names is not None:
        raise ArgumentError(f"class_names can only be given with labels='inferred'. Received: {class_names!r}")
    paths = _images(folder, follow_links)
    if labels is None:
        return paths, None, None
    if not isinstance(labels, list | tuple | np.ndarray):
        raise ArgumentError(
            f"labels must be 'inferred', None or a list with a label for each file. Received: {labels!r}"
        )
    if len(labels) != len(paths):
        raise ArgumentError(f"labels has {len(labels)} entries, and {folder} {len(paths)} images")
    return paths, list(labels), [str(label) for label in sorted(set(labels))]


def _images(folder: Path, follow_links: bool) -> list[str]:
    return [path for path in files_below(folder, follow_links) if is_image(path)]


def labels_in(numbers: list[Any], mode: str | None, n_classes: int) -> np.ndarray[Any, Any]:
    """Class numbers in the form that `label_mode` names."""
    labels = np.asarray(numbers, dtype=np.int32)
    if mode == "binary":
        return labels.astype(settings.floatx())[:, None]
    if mode == "categorical":
        return np.eye(n_classes, dtype=settings.floatx())[labels]
    return labels


def _parts(n: int, validation_split: float | None, folder: Path) -> dict[str, slice]:
    if not validation_split:
        return {"all": slice(None)}
    count = int(validation_split * n)
    if not count:
        raise DataError(f"validation_split={validation_split:g} of the {n} images in {folder} leaves none to validate")
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
