"""Image folder: image files in a folder for each class."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kexp.core.component import number, one_of
from kexp.core.dataset import Dataset, Split
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.folders import class_folders, files_below, split_folders
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

"""Names of folders that hold a split each, if a folder holds nothing else and 'train' is among them."""


class ImageFolder(Dataset):
    """Image files (.bmp, .gif, .jpeg, .jpg, .png), a folder for each class: `path`/cat/1.jpg, `path`/dog/2.jpg.

    Labels are the numbers of the folders in order of their names, or in that of `class_names`. A folder with
    sub-folders train, validation (or val) and test gives these splits, each with folders for the classes; else all
    is 'train'. With `labels` None files may lie anywhere and there are no targets.
    Files are read when they are needed, so that the images may be larger than memory; they are brought to
    `image_size` (height, width) by `interpolation`, stretched, or cropped or padded to its proportions.
    Shapes: x (n, h, w, c), float32 0 to 255, c being 1, 3 or 4 for `color_mode` grayscale, rgb, rgba; y int32 (n,).
    Raises: MissingFileError if there is no such folder; DataError for folders without images, a single class, files
    that are no images among them, and, when it is read, an image that is damaged.
    """

    def __init__(
        self,
        path: str,
        labels: Literal["inferred"] | None = "inferred",
        image_size: int | tuple[int, int] = (256, 256),
        color_mode: Literal["grayscale", "rgb", "rgba"] = "rgb",
        interpolation: Literal[
            "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"
        ] = "bilinear",
        class_names: list[str] | None = None,
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_value: float = 0.0,
        follow_links: bool = False,
        data_format: Literal["channels_last", "channels_first"] | None = None,
    ) -> None:
        if not path or not isinstance(path, str | os.PathLike):
            raise ArgumentError(f"path must be the name of a folder. Received: {path!r}")
        self.path = path
        self.labels = one_of("labels", labels, ("inferred", None))
        height, width = sizes("image_size", image_size, 2)
        one_of("interpolation", interpolation, ALL_INTERPOLATIONS)
        resizing = Resizing(
            (height, width), interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio, number("fill_value", fill_value)
        )
        self.look = Look(resizing, color_mode_of(color_mode), chosen_format(data_format))
        if class_names is not None and (labels is None or len(set(class_names)) != len(class_names)):
            raise ArgumentError(
                f"class_names must be different names, for labels='inferred'. Received: {class_names!r}"
            )
        self.class_names = class_names
        self.follow_links = follow_links

    @property
    def splits(self) -> tuple[str, ...]:  # type: ignore[override]
        """The names of the splits, as the folder has them; nothing but its sub-folders' names is read."""
        folder = Path(self.path).expanduser()
        return tuple(split_folders(folder)) if folder.is_dir() else ("train",)

    @property
    def classes(self) -> list[str]:
        """The names of the classes, in the order of their labels."""
        folder = existing_folder(self.path)
        return self._names(next(iter(split_folders(folder).values())))

    def load(self) -> dict[str, Split]:
        folders = split_folders(existing_folder(self.path))
        if self.labels is None:
            return {name: Split(self._source(self._images(folder), folder)) for name, folder in folders.items()}
        names = self._names(next(iter(folders.values())))
        return {split: self._labelled(folder, names) for split, folder in folders.items()}

    def _labelled(self, folder: Path, names: list[str]) -> Split:
        unknown = [name for name in class_folders(folder) if name not in names and self.class_names is None]
        if unknown:
            raise DataError(f"{folder} has a folder {unknown[0]!r}, which is no class: {', '.join(names)}")
        paths: list[str] = []
        labels: list[int] = []
        for label, name in enumerate(names):
            found = self._images(folder / name) if (folder / name).is_dir() else []
            if (folder / name).is_dir() and not found:
                raise DataError(f"{folder / name} holds no images ({', '.join(FORMATS)})")
            paths += found
            labels += [label] * len(found)
        return Split(self._source(paths, folder), np.array(labels, dtype=np.int32))

    def _names(self, folder: Path) -> list[str]:
        """The classes of the training folder."""
        names = class_folders(folder)
        loose = [entry.name for entry in sorted(folder.iterdir()) if entry.is_file() and is_image(entry.name)]
        if loose:
            raise DataError(
                f"{folder} holds {len(loose)} images outside of any class, {loose[0]!r} first. "
                "Put each class into a folder of its own, or set labels to null (in Python: None)"
            )
        if not names:
            raise DataError(f"{folder} holds no folders: put the images of each class into a folder of its own")
        missing = [name for name in self.class_names or [] if name not in names]
        if missing:
            raise DataError(f"{folder} has no folder {missing[0]!r}. Its folders: {', '.join(names)}")
        names = names if self.class_names is None else list(self.class_names)
        if len(names) < 2:
            raise DataError(
                f"{folder} holds one class alone, {names[0]!r}: there is nothing to tell apart. "
                "Add folders of other classes, or set labels to null (in Python: None)"
            )
        return names

    def _images(self, folder: Path) -> list[str]:
        paths = files_below(folder, self.follow_links)
        wrong = [path for path in paths if not is_image(path)]
        if wrong:
            raise DataError(f"{wrong[0]} is no image ({', '.join(FORMATS)}). Take it out of the folder, or convert it")
        return paths

    def _source(self, paths: list[str], folder: Path) -> Any:
        if not paths:
            raise DataError(f"{folder} holds no images ({', '.join(FORMATS)})")
        return ImageFiles(paths, self.look)


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"image_folder": ImageFolder}
