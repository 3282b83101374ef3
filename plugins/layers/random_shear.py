"""Random shear: images slanted in training."""

from __future__ import annotations

from typing import Any, Literal

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.image_layer import ImageLayer
from kexp_plugins.transforms import random_shear


class RandomShear(ImageLayer):
    """Each image is slanted in training, about its first pixel and by amounts of its own, to either side.

    `x_factor`: how many pixels to the side a pixel is moved for each pixel down, drawn from -factor ... factor or from
    a pair of numbers in 0 ... 1, whose sign is then drawn too; `y_factor`: the same along the columns.
    Shapes: x (n, h, w, c), as it comes, channels second with data_format 'channels_first'.
    """

    random = True

    def __init__(
        self,
        x_factor: float | tuple[float, float] = 0.0,
        y_factor: float | tuple[float, float] = 0.0,
        interpolation: Literal["nearest", "bilinear"] = "bilinear",
        fill_mode: Literal["reflect", "wrap", "constant", "nearest"] = "reflect",
        fill_value: float = 0.0,
        data_format: Literal["channels_last", "channels_first"] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        x_factor, y_factor = _one_number(x_factor), _one_number(y_factor)
        self._do(random_shear.RandomShear(x_factor, y_factor, interpolation, fill_mode, fill_value, data_format), seed)


def _one_number(factor: float | tuple[float, float]) -> float | tuple[float, float]:
    """`factor` where Keras writes the pair (-factor, factor) into a config."""
    return factor[1] if isinstance(factor, list | tuple) and len(factor) == 2 and factor[0] == -factor[1] else factor


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"random_shear": RandomShear}
