"""glorot_normal: normal with variance 2 / (fan in + fan out)."""

from __future__ import annotations

from kexp.core.initializer import Initializer
from kexp.hookspecs import hookimpl
from kexp_plugins.initializers.variance_scaling import Axes, VarianceScaling


class GlorotNormal(VarianceScaling):
    """Truncated normal with variance 2 / (fan in + fan out) (Glorot & Bengio 2010, eq. 12)."""

    def __init__(
        self, seed: int | None = None, input_axes: Axes | None = None, output_axes: Axes | None = None
    ) -> None:
        super().__init__(1.0, "fan_avg", "truncated_normal", seed, input_axes, output_axes)


@hookimpl
def kexp_initializers() -> dict[str, type[Initializer]]:
    return {"glorot_normal": GlorotNormal}
