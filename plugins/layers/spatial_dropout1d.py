"""SpatialDropout1D: sets whole channels of a sequence to zero in training."""

from __future__ import annotations

from collections.abc import Sequence

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.dropout import Dropout


class SpatialDropout1D(Dropout):
    """Each channel of each sample is dropped as a whole with probability `rate`, in training; else y = x.

    Shapes: x (n, t, c) -> y (n, t, c). Source: Tompson et al. 2015, section 3.2.
    """

    min_ndim = 3
    supports_masking = True

    def __init__(
        self,
        rate: float,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
        trainable: bool = True,
        input_shape: Sequence[int | None] | None = None,
    ) -> None:
        super().__init__(
            rate, (None, 1, None), seed, name=name, dtype=dtype, trainable=trainable, input_shape=input_shape
        )


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"spatial_dropout1d": SpatialDropout1D}
