"""GaussianNoise: adds normal random numbers in training."""

from __future__ import annotations

from typing import Any

from kexp.backend import Array
from kexp.core.component import number
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.noise import normal, passed


class GaussianNoise(Layer):
    """y = x + noise of mean 0 and standard deviation `stddev`, in training; else y = x. Shapes: any."""

    flops_per_value = 0
    casts_ints = True
    supports_masking = True

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stddev = number("stddev", stddev, least=0)
        self.seed = seed

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        if not ctx.training or not self.stddev:
            return x, passed
        return x + normal(x, ctx) * self.stddev, passed


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"gaussian_noise": GaussianNoise}
