"""UpSampling2D: images enlarged by whole factors."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kexp.backend import Array
from kexp.core.component import one_of
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.convolving import room
from kexp_plugins.layers.image_axes import channels, chosen_format, require_rank, sizes, spatial, with_axes
from kexp_plugins.layers.interpolation import KERNELS, weights


class UpSampling2D(Layer):
    """Images enlarged by `size`, factors for (height, width); 'nearest' repeats pixels, the others interpolate.

    Shapes: x (n, h, w, c) -> y (n, size[0] h, size[1] w, c), channels second with data_format 'channels_first'.
    Pixels are squares: the middle of an output pixel lies at (i + 1/2) / size - 1/2, and weights that fall outside
    the image are shared out to those inside.
    Raises: ShapeError for inputs of another rank.

    >>> UpSampling2D((1, 2), interpolation="bilinear")([[[[0.0], [4.0]]]]).tolist()
    [[[[0.0], [1.0], [3.0], [4.0]]]]
    """

    keeps_dtype = True

    def __init__(
        self,
        size: int | tuple[int, int] = (2, 2),
        data_format: Literal["channels_last", "channels_first"] | None = None,
        interpolation: Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"] = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.size = sizes("size", size, 2)
        self.data_format = chosen_format(data_format)
        name = interpolation.lower() if isinstance(interpolation, str) else interpolation
        self.interpolation = str(one_of("interpolation", name, ("nearest", *KERNELS)))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"data_format": self.data_format}

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        return 0 if self.interpolation == "nearest" else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        require_rank(self, input_shape, 2, self.data_format)
        inner = spatial(input_shape, self.data_format)
        out = tuple(None if n is None else n * factor for n, factor in zip(inner, self.size, strict=True))
        return with_axes(input_shape[0], out, channels(input_shape, self.data_format), self.data_format)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        shape = self.compute_output_shape(x.shape)
        height, width = spatial(x.shape, self.data_format)
        # (n, h, w, c), or (n c, h, w, 1): the channels need not be moved
        images = (-1, height, width, x.shape[-1] if self.data_format == "channels_last" else 1)
        function = self._repeat if self.interpolation == "nearest" else self._interpolate
        y, pull = function(x.reshape(images), ctx)

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (pull(dy.reshape(y.shape)).reshape(x.shape),), {}

        return y.reshape(shape), pullback

    def _repeat(self, x: Array, ctx: Context) -> tuple[Array, Pullback]:
        (count, height, width, depth), (down, right) = x.shape, self.size
        y = room(ctx, "y", (count, down * height, right * width, depth), x)
        parts = (count, height, down, width, right, depth)
        y.reshape(parts)[...] = x[:, :, None, :, None]
        return y, lambda dy: dy.reshape(parts).sum((2, 4))

    def _interpolate(self, x: Array, ctx: Context) -> tuple[Array, Pullback]:
        count, height, width, depth = x.shape
        hosts = (weights(self.interpolation, n, factor) for n, factor in zip((height, width), self.size, strict=True))
        down, right = (ctx.backend.asarray(host, dtype=x.dtype) for host in hosts)
        tall = np.matmul(down, x.reshape(count, height, width * depth))
        y = np.matmul(right, tall.reshape(count, len(down), width, depth))

        def pull(dy: Array) -> Array:
            dtall = np.matmul(right.T, dy)
            return np.matmul(down.T, dtall.reshape(count, len(down), width * depth)).reshape(x.shape)

        return y, pull


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"up_sampling2d": UpSampling2D}
