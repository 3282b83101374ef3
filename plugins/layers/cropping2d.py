"""Cropping2D: images without their margins."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.framing import Cutting
from kexp_plugins.layers.image_axes import chosen_format, margins


class Cropping2D(Cutting):
    """Images without margins: an int for all sides, (height, width) or ((top, bottom), (left, right)).

    Shapes: x (n, h, w, c) -> y (n, h - top - bottom, w - left - right, c), channels second with data_format
    'channels_first'.
    Raises: ShapeError for inputs of another rank, and if nothing would be left.

    >>> Cropping2D(((0, 0), (1, 0)))([[[[5.0], [6.0]]]]).tolist()
    [[[[6.0]]]]
    """

    rank = 2

    def __init__(
        self,
        cropping: int | tuple[int, int] | tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0)),
        data_format: Literal["channels_last", "channels_first"] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.cropping = self.frame = margins("cropping", cropping)
        self.data_format = chosen_format(data_format)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"cropping2d": Cropping2D}
