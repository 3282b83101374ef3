"""variance_scaling: values whose variance suits the number of a layer's inputs or outputs."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from kexp.core.component import number, one_of
from kexp.core.initializer import Initializer, fans
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl
from kexp_plugins.initializers.truncated_normal import within_two

WITHIN_TWO = 0.87962566103423978  # the standard deviation of a standard normal that is cut off at ±2
MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform", "normal")
Axes = list[int] | tuple[int, ...]


class VarianceScaling(Initializer):
    """Mean 0 and variance scale / n; n is the number of inputs, of outputs, or the mean of both, by `mode`.

    A kernel (..., in, out) has channels times receptive field of each; `input_axes` and `output_axes` name the
    axes where a weight is laid out otherwise. `normal` means `truncated_normal`, cut off at two standard deviations.
    Raises: ArgumentError for an unknown mode or distribution, and if only one of the axes is given.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in",
        distribution: Literal["truncated_normal", "untruncated_normal", "uniform", "normal"] = "truncated_normal",
        seed: int | None = None,
        input_axes: Axes | None = None,
        output_axes: Axes | None = None,
    ) -> None:
        self.scale = number("scale", scale, above=0)
        self.mode = one_of("mode", mode, MODES)
        self.distribution = one_of("distribution", distribution, DISTRIBUTIONS)
        self.seed = seed
        if (input_axes is None) != (output_axes is None):
            raise ArgumentError(
                "input_axes and output_axes must be given together. "
                f"Received: input_axes={input_axes!r}, output_axes={output_axes!r}"
            )
        self.input_axes = input_axes
        self.output_axes = output_axes

    def sample(self, shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray[Any, Any]:
        fan_in, fan_out = self._fans(shape)
        n = max(1.0, {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode])
        if self.distribution == "uniform":
            limit = math.sqrt(3 * self.scale / n)
            return stream.uniform(-limit, limit, shape)
        stddev = math.sqrt(self.scale / n)
        if self.distribution == "untruncated_normal":
            return stream.normal(0.0, stddev, shape)
        return within_two(shape, stream) * (stddev / WITHIN_TWO)

    def _fans(self, shape: tuple[int, ...]) -> tuple[float, float]:
        if self.input_axes is None or self.output_axes is None:
            return fans(shape)
        return math.prod(shape[axis] for axis in self.input_axes), math.prod(shape[axis] for axis in self.output_axes)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"variance_scaling": VarianceScaling}
