"""Cropping1D: sequences without their ends."""

from __future__ import annotations

from typing import Any

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.framing import Cutting
from kexp_plugins.layers.image_axes import sizes


class Cropping1D(Cutting):
    """Sequences without their first and last steps, by one int or (before, after).

    Shapes: x (n, t, c) -> y (n, t - before - after, c).
    Raises: ShapeError for inputs of another rank, and if nothing would be left.

    >>> Cropping1D((1, 0))([[[1.0], [2.0]]]).tolist()
    [[[2.0]]]
    """

    rank = 1
    data_format = "channels_last"

    def __init__(self, cropping: int | tuple[int, int] = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        before, after = sizes("cropping", cropping, 2, 0)
        self.cropping = (before, after)
        self.frame = (self.cropping,)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"cropping1d": Cropping1D}
