"""What transforms of images have in common: which arrays they take, and how they are laid before the work is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array, settings
from kexp.core.component import number
from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError
from kexp_plugins.layers.image_axes import from_last, to_last
from kexp_plugins.transforms.warping import Asarray

Pull = Callable[[Array], Array]


class ImageTransform(Transform):
    """Contract of image transforms: `applied` works on floats (n, h, w, c), and gives its transpose besides.

    Images are (n, h, w), or (n, h, w, c) with the channels second for data_format 'channels_first'. Whole numbers
    (bytes) become floats of the usual kind (float32), unless `keeps_dtype`. What stands here does the work of the
    layers of the same name too.
    """

    data_format: str = "channels_last"
    keeps_dtype: ClassVar[bool] = False
    """Whether whole numbers stay what they are, rounded."""

    def applied(self, images: Array, stream: np.random.Generator | None, asarray: Asarray) -> tuple[Array, Pull]:
        """The images (n, h, w, c) transformed, as in inference without a stream; and dy -> the images' cotangent."""
        raise NotImplementedError

    def output_size(self, height: int | None, width: int | None) -> tuple[int | None, int | None]:
        """Height and width of the result."""
        return height, width

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        x = as_images(x)
        images = x[..., None] if x.ndim == 3 else to_last(x, self.data_format)
        whole = x.dtype.kind in "iub"
        y, _ = self.applied(images.astype(settings.floatx()) if whole else images, stream, np.asarray)
        if whole and self.keeps_dtype:
            y = rounded(y, x.dtype)
        return y[..., 0] if x.ndim == 3 else from_last(y, self.data_format)


def as_images(x: Any) -> np.ndarray[Any, Any]:
    """`x` as an array of images, (n, h, w) or with channels (n, h, w, c).

    Raises: DataError if it is none.
    """
    array = x if hasattr(x, "dtype") and hasattr(x, "ndim") and not hasattr(x, "iloc") else np.asarray(x)
    if array.dtype.kind not in "biuf":
        raise DataError(f"images must hold numbers. Received: {_described(array)}")
    if array.ndim not in (3, 4):
        raise DataError(
            f"images must be (n, h, w), or (n, h, w, c) with channels. Received: {_described(array)}"
            + (f". For one image alone: {(1, *array.shape)}" if array.ndim == 2 else "")
        )
    if 0 in array.shape[1:]:
        raise DataError(f"images must have pixels. Received: {_described(array)}")
    found: np.ndarray[Any, Any] = array
    return found


def rounded(y: Array, dtype: Any) -> Array:
    """Floats as whole numbers: halves to the even one, too large and too small ones cut off."""
    if np.dtype(dtype).kind == "b":
        return y > 0.5
    limits = np.iinfo(dtype)
    return np.rint(y).clip(limits.min, limits.max).astype(dtype)


def limits(name: str, factor: Any, low: float, high: float, *, signed: bool = True) -> tuple[float, float]:
    """The range a random number is drawn from: a pair in order, or (-factor, factor) of a single number.

    `signed` False makes (factor, factor) of it. Raises: ArgumentError if it leaves low ... high.
    """
    pair = factor if isinstance(factor, list | tuple) else (factor, factor)
    try:
        if len(pair) != 2:
            raise ArgumentError(name)
        values = [number(name, value) for value in pair]
        if min(values) < low or max(values) > high:
            raise ArgumentError(name)
    except ArgumentError:
        raise ArgumentError(
            f"{name} must be a number or a pair of numbers (from, to) in [{low:g}, {high:g}]. Received: {factor!r}"
        ) from None
    if pair is factor or not signed:
        return min(values), max(values)
    return -abs(values[0]), abs(values[0])


def same(dy: Array) -> Array:
    """The transpose of doing nothing."""
    return dy


def _described(array: Any) -> str:
    return f"an array of shape {array.shape} and dtype {array.dtype}"
