"""ZeroPadding2D: zeros around images."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.framing import ZeroFraming
from kexp_plugins.layers.image_axes import chosen_format, margins


class ZeroPadding2D(ZeroFraming):
    """Zeros around images: an int for all sides, (height, width) or ((top, bottom), (left, right)).

    Shapes: x (n, h, w, c) -> y (n, top + h + bottom, left + w + right, c), channels second with data_format
    'channels_first'.
    Raises: ShapeError for inputs of another rank.

    >>> ZeroPadding2D(((0, 0), (1, 0)))([[[[5.0]]]]).tolist()
    [[[[0.0], [5.0]]]]
    """

    rank = 2

    def __init__(
        self,
        padding: int | tuple[int, int] | tuple[tuple[int, int], tuple[int, int]] = (1, 1),
        data_format: Literal["channels_last", "channels_first"] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.padding = self.frame = margins("padding", padding)
        self.data_format = chosen_format(data_format)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"zero_padding2d": ZeroPadding2D}
