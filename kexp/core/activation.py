"""Activation: a function of one array, with its derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from kexp.autodiff import rule, vjp
from kexp.autodiff.tracer import Tracer, apply
from kexp.backend import Array, settings
from kexp.core.component import Component, resolve, standing_for
from kexp.core.context import Context, Pullback, identity
from kexp.errors import ArgumentError


class Activation(Component):
    """Contract of activations: `forward` with a pullback, or `call` alone and autodiff makes the pullback.

    Shapes: any; the result has the shape of x.
    """

    kind: ClassVar[str] = "activation"

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        """activation(x) and the pullback dy -> dx. May write into `ctx.work(...)`, never into x or dy."""
        if not ctx.wants_pullback:
            return self.call(x), identity
        y, pullback = vjp(self.call, x)
        return y, lambda dy: pullback(dy)[0]

    def call(self, x: Array) -> Array:
        """activation(x) as a plain array expression."""
        return apply(_value, (self, x)) if type(x) is Tracer else _value(self, x)

    def __call__(self, x: Any) -> Array:
        if not hasattr(x, "dtype"):
            x = np.asarray(x, dtype=settings.floatx())
        elif x.dtype.kind in "biu":
            x = x.astype(settings.floatx())
        return self.call(x) if x.ndim else self.call(x.reshape(1)).reshape(())  # NumPy's `out=` takes no scalars


_PLAIN = Context(wants_pullback=False)  # holds nothing, so it serves every call


def _value(activation: Activation, x: Array) -> Array:
    return activation.forward(x, ctx=_PLAIN)[0]


@rule(_value)
def _(y: Array, activation: Activation, x: Array) -> tuple[None, Pullback]:
    """An activation with a pullback of its own, inside the `call` of a layer that has none."""
    return None, lambda dy: activation.forward(x, ctx=Context())[1](dy)


class FunctionActivation(Activation):
    """A plain function of one array as an activation."""

    def __init__(self, function: Callable[[Array], Array]) -> None:
        self.function = function

    def call(self, x: Array) -> Array:
        return self.function(x)


def get_activation(spec: Any) -> Activation | None:
    """The activation that `spec` names: a name, a mapping, a class, an object, or a function of one array."""
    spec = getattr(spec, "component", spec)
    found = resolve("activation", spec)
    if found is None or isinstance(found, Activation):
        return found
    if not callable(found):
        raise ArgumentError(f"activation must be a name, a mapping with 'type' or a function. Received: {spec!r}")
    return FunctionActivation(found)


def as_function(maker: type[Activation]) -> Callable[..., Array]:
    """The activation as the plain function that Keras has: `relu(x, negative_slope=0.1)`."""

    def function(x: Any, *args: Any, **config: Any) -> Array:
        return maker(*args, **config)(x)

    return standing_for(maker, function)
