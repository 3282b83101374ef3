"""selu: an elu whose outputs keep mean 0 and variance 1 from layer to layer."""

from __future__ import annotations

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl
from kexp_plugins.activations.elu import scaled_elu

ALPHA = 1.6732632423543772
SCALE = 1.0507009873554805


class Selu(Activation):
    """Scaled exponential linear unit: scale * x above 0, scale * alpha * (exp(x) - 1) below.

    alpha = 1.67326324 and scale = 1.05070098 make mean 0 and variance 1 a fixed point, for weights that
    lecun_normal drew (Klambauer et al. 2017, eq. 2). The derivative at 0 is scale * alpha, as in Keras.
    """

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        return scaled_elu(x, ALPHA, SCALE, ctx)


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"selu": Selu}
