"""glorot_uniform: uniform in ±sqrt(6 / (fan in + fan out))."""

from __future__ import annotations

from kexp.core.initializer import Initializer
from kexp.hookspecs import hookimpl
from kexp_plugins.initializers.variance_scaling import Axes, VarianceScaling


class GlorotUniform(VarianceScaling):
    """Uniform in ±sqrt(6 / (fan in + fan out)) (Glorot & Bengio 2010, eq. 16)."""

    def __init__(
        self, seed: int | None = None, input_axes: Axes | None = None, output_axes: Axes | None = None
    ) -> None:
        super().__init__(1.0, "fan_avg", "uniform", seed, input_axes, output_axes)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"glorot_uniform": GlorotUniform}
