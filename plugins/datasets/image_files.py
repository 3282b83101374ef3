"""Image files: found in folders, read by Pillow, brought to one size."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kexp.backend import settings
from kexp.core.source import Rows
from kexp.errors import ArgumentError, DataError, MissingFileError
from kexp_plugins.transforms.resampling import Resizing

FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
COLOR_MODES = {"grayscale": 1, "rgb": 3, "rgba": 4}
"""Files that file managers leave behind."""

Pixels = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Look:
    """How images are to look: size, colors, order of axes."""

    resizing: Resizing
    color_mode: str = "rgb"
    data_format: str = "channels_last"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one image."""
        depth, size = COLOR_MODES[self.color_mode], self.resizing.size
        return (*size, depth) if self.data_format == "channels_last" else (depth, *size)

    def read(self, path: str) -> Pixels:
        """The image in a file, floats 0 ... 255.

        Raises: DataError if the file is damaged, or no image.
        """
        pixels = pixels_of(opened(path, self.color_mode))
        floats = pixels[None].astype(settings.floatx())
        image = self.resizing.applied(floats)[0][0]
        return image if self.data_format == "channels_last" else np.moveaxis(image, -1, 0)


class ImageFiles:
    """Image files as a source: each is read when it is asked for, on a few threads at once.

    `take` gives floats 0 ... 255, (n, h, w, c), or (n, c, h, w) with data_format 'channels_first'.
    """

    def __init__(self, paths: Sequence[str], look: Look) -> None:
        self.paths, self.look = list(paths), look
        self.shape = (len(self.paths), *look.shape)

    def __len__(self) -> int:
        return len(self.paths)

    def take(self, rows: Rows) -> Pixels:
        """The images of these rows."""
        numbers = range(*rows.indices(len(self))) if isinstance(rows, slice) else np.asarray(rows).tolist()
        images = np.empty((len(numbers), *self.look.shape), dtype=settings.floatx())

        def read(place: int) -> None:
            images[place] = self.look.read(self.paths[numbers[place]])

        workers = min(len(numbers), os.cpu_count() or 1)
        if workers < 2:
            for place in range(len(numbers)):
                read(place)
            return images
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(read, range(len(numbers))))  # a list, so that the first error is raised
        return images


def opened(path: Any, color_mode: str) -> Any:
    """The image in a file (its first picture, if it holds several) as Pillow's, with the colors of `color_mode`.

    Grayscale images of 16 or 32 bits keep them. Raises: MissingFileError; DataError if it cannot be read.
    """
    from PIL import Image, UnidentifiedImageError  # at the door: slow to import

    named = path if isinstance(path, str | os.PathLike) else "the image"
    wanted = {"grayscale": ("L", "I;16", "I"), "rgb": ("RGB",), "rgba": ("RGBA",)}[color_mode]
    try:
        with Image.open(path) as image:
            image.load()
            return image.copy() if image.mode in wanted else image.convert(wanted[0])
    except FileNotFoundError:
        raise MissingFileError(f"there is no image file {named}") from None
    except UnidentifiedImageError:
        raise DataError(f"{named}: no image that can be read. Remove it, or put a sound copy in place") from None
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise DataError(
            f"{named}: the image is damaged or cut off: {error}. Remove it, or put a sound copy in place"
        ) from error


def pixels_of(image: Any) -> Pixels:
    """Pillow's image as an array (h, w, c)."""
    pixels = np.asarray(image)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def color_mode_of(color_mode: Any) -> str:
    """`color_mode`, if it is one of the three."""
    if color_mode not in COLOR_MODES:
        raise ArgumentError(f"color_mode must be one of {', '.join(map(repr, COLOR_MODES))}. Received: {color_mode!r}")
    return str(color_mode)


def existing_folder(path: Any) -> Path:
    """`path` as a folder.

    Raises: MissingFileError if it is not there; DataError if it is a file.
    """
    folder = Path(path).expanduser()
    if not folder.exists():
        raise MissingFileError(f"there is no folder {folder}")
    if not folder.is_dir():
        raise DataError(f"{folder} is a file; a folder of images was expected")
    return folder


def is_image(name: str) -> bool:
    """Whether a file's name is that of an image."""
    return name.lower().endswith(FORMATS)
