"""lecun_uniform: uniform in ±sqrt(3 / fan in)."""

from __future__ import annotations

from kexp.core.initializer import Initializer
from kexp.hookspecs import hookimpl
from kexp_plugins.initializers.variance_scaling import Axes, VarianceScaling


class LecunUniform(VarianceScaling):
    """Uniform in ±sqrt(3 / fan in), variance 1 / fan in (LeCun et al. 1998, eq. 16)."""

    def __init__(
        self, seed: int | None = None, input_axes: Axes | None = None, output_axes: Axes | None = None
    ) -> None:
        super().__init__(1.0, "fan_in", "uniform", seed, input_axes, output_axes)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"lecun_uniform": LecunUniform}
