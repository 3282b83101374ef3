"""Single images: from files and to files, as arrays and as Pillow's images, with Keras' names."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kexp.backend import settings
from kexp.core.component import one_of
from kexp.errors import DataError
from kexp_plugins.datasets.image_files import color_mode_of, opened
from kexp_plugins.layers.image_axes import chosen_format, sizes
from kexp_plugins.transforms.resampling import largest_window

RESAMPLINGS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
DataFormat = Literal["channels_last", "channels_first"] | None


def load_img(
    path: str | bytes | os.PathLike[str] | io.BytesIO,
    color_mode: Literal["grayscale", "rgb", "rgba"] = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: Literal["nearest", "bilinear", "bicubic", "hamming", "box", "lanczos"] = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """The image in a file as Pillow's; `target_size` (height, width) resamples it, as Pillow does.

    keep_aspect_ratio cuts off what does not fit the target's proportions.
    Raises: MissingFileError; DataError if the file is damaged or no image.
    """
    from PIL import Image  # at the door: slow to import

    color_mode_of(color_mode)
    image = opened(os.fsdecode(path) if isinstance(path, bytes) else path, color_mode)
    if target_size is None:
        return image
    height, width = sizes("target_size", target_size, 2)
    resampling = Image.Resampling[str(one_of("interpolation", interpolation, RESAMPLINGS)).upper()]
    if image.size == (width, height):
        return image
    if not keep_aspect_ratio:
        return image.resize((width, height), resampling)
    part = largest_window(image.size[1], image.size[0], (height, width))
    box = (part.left, part.top, part.left + part.width, part.top + part.height)
    return image.resize((width, height), resampling, box=box)


def img_to_array(img: Any, data_format: DataFormat = None, dtype: str | None = None) -> np.ndarray[Any, Any]:
    """Pillow's image as an array (h, w, c), or (c, h, w); floats 0 ... 255 unless `dtype` says otherwise."""
    order = chosen_format(data_format)
    x = np.asarray(img, dtype=dtype or settings.floatx())
    if x.ndim not in (2, 3):
        raise DataError(f"an image has 2 or 3 axes. Received: an array of shape {x.shape}")
    x = x[..., None] if x.ndim == 2 else x
    return x if order == "channels_last" else x.transpose(2, 0, 1)


def array_to_img(x: Any, data_format: DataFormat = None, scale: bool = True, dtype: str | None = None) -> Any:
    """An array (h, w, c), c being 1, 3 or 4, as Pillow's image; `scale` stretches its values to 0 ... 255."""
    from PIL import Image  # at the door: slow to import

    order = chosen_format(data_format)
    x = np.asarray(x, dtype=dtype or settings.floatx())
    if x.ndim != 3:
        raise DataError(f"an image must be (h, w, c), for one channel (h, w, 1). Received: an array of shape {x.shape}")
    x = x if order == "channels_last" else x.transpose(1, 2, 0)
    if x.shape[2] not in (1, 3, 4):
        raise DataError(f"an image must have 1, 3 or 4 channels. Received: an array of shape {x.shape}")
    if not np.isfinite(x).all():
        raise DataError("an image must hold finite numbers; this one holds NaN or infinity")
    if scale:
        x = x - x.min()
        x = 255 * (x / (x.max() or 1))
    if x.shape[2] > 1:
        return Image.fromarray(x.astype(np.uint8))
    deep = x.max(initial=0) > 255
    return Image.fromarray(x[:, :, 0].astype(np.int32 if deep else np.uint8))


def save_img(
    path: str | os.PathLike[str] | io.BytesIO,
    x: Any,
    data_format: DataFormat = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array (h, w, c) to an image file, whose name tells the format; `kwargs` go to Pillow's `save`.

    Raises: DataError for colors that the format cannot hold (JPEG has no transparency), and for an unknown format.
    """
    if file_format is None and not isinstance(path, io.BytesIO):
        file_format = Path(path).suffix[1:]
    file_format = "jpeg" if file_format and file_format.lower() == "jpg" else file_format
    image = array_to_img(x, data_format, scale)
    if image.mode == "RGBA" and file_format and file_format.lower() == "jpeg":
        raise DataError("JPEG files have no transparency: give 3 channels, x[..., :3], or another format")
    try:
        image.save(path, format=file_format, **kwargs)
    except (KeyError, ValueError) as error:
        raise DataError(f"the image cannot be written as {file_format!r}: {error}") from error
