"""he_normal: normal with variance 2 / fan in."""

from __future__ import annotations

from kexp.core.initializer import Initializer
from kexp.hookspecs import hookimpl
from kexp_plugins.initializers.variance_scaling import Axes, VarianceScaling


class HeNormal(VarianceScaling):
    """Truncated normal with variance 2 / fan in, for relu (He et al. 2015, eq. 10)."""

    def __init__(
        self, seed: int | None = None, input_axes: Axes | None = None, output_axes: Axes | None = None
    ) -> None:
        super().__init__(2.0, "fan_in", "truncated_normal", seed, input_axes, output_axes)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"he_normal": HeNormal}
