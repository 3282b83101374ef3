"""ZeroPadding1D: zeros around sequences."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.framing import ZeroFraming
from kexp_plugins.layers.image_axes import chosen_format, sizes


class ZeroPadding1D(ZeroFraming):
    """Zeros before and after, by one int or (before, after).

    Shapes: x (n, t, c) -> y (n, before + t + after, c), channels second with data_format 'channels_first'.
    Raises: ShapeError for inputs of another rank.

    >>> ZeroPadding1D((1, 0))([[[1.0], [2.0]]]).tolist()
    [[[0.0], [1.0], [2.0]]]
    """

    rank = 1

    def __init__(
        self,
        padding: int | tuple[int, int] = 1,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        before, after = sizes("padding", padding, 2, 0)
        self.padding = (before, after)
        self.frame = (self.padding,)
        self.data_format = chosen_format(data_format)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"zero_padding1d": ZeroPadding1D}
