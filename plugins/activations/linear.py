"""linear: y = x."""

from __future__ import annotations

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback, identity
from kexp.hookspecs import hookimpl


class Linear(Activation):
    """The identity, y = x."""

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        return x, identity


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"linear": Linear}
