"""image_dataset_from_directory: Keras' function of that name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from kexp.core.component import one_of, positive_int
from kexp.errors import DataError
from kexp_plugins.datasets.directories import check_split, cut_into_batches, labelled_files
from kexp_plugins.datasets.folders import files_below
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
    found = labelled_files(
        folder, None if mode is None else labels, class_names, lambda place: _images(place, follow_links), "images"
    )
    if not found[0]:
        raise DataError(f"{folder} holds no images ({', '.join(FORMATS)})")
    return cut_into_batches(
        found, folder, "images", lambda paths: ImageFiles(paths, look),
        mode, size, shuffle, seed, validation_split, subset, verbose,
    )  # fmt: skip


def _images(folder: Path, follow_links: bool) -> list[str]:
    return [path for path in files_below(folder, follow_links) if is_image(path)]
