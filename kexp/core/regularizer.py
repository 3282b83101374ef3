"""Regularizer: a penalty on a weight that is added to the loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from kexp.autodiff import vjp
from kexp.backend import Array
from kexp.core.component import Component, resolve
from kexp.errors import ArgumentError


class Regularizer(Component):
    """Contract of regularizers: `call(w)` gives the penalty, a scalar; `gradient(w)` may be written besides."""

    kind: ClassVar[str] = "regularizer"

    def call(self, w: Array) -> Array:
        """The penalty of w, an array without axes."""
        raise NotImplementedError

    def gradient(self, w: Array) -> Array:
        """The penalty's derivative, an array like w."""
        value, pullback = vjp(self.call, w)
        gradient: Array = pullback(value * 0 + 1)[0]
        return gradient

    def __call__(self, w: Array) -> Array:
        return self.call(w)


class FunctionRegularizer(Regularizer):
    """A plain function of a weight as a regularizer; autodiff finds its gradient."""

    def __init__(self, function: Callable[[Array], Array]) -> None:
        self.function = function

    def call(self, w: Array) -> Array:
        return self.function(w)


def get_regularizer(spec: Any, where: str = "") -> Regularizer | None:
    """The regularizer that `spec` names: a name, a mapping, a class, an object, or a function of a weight.

    Raises: ArgumentError if it is none of them; `where` says to what the regularizer belongs.
    """
    found = resolve("regularizer", spec, where)
    if found is None or isinstance(found, Regularizer):
        return found
    if not callable(found):
        place = f" (at {where})" if where else ""
        raise ArgumentError(
            f"a regularizer must be a name, a mapping with 'type', an object or a function{place}. Received: {spec!r}"
        )
    return FunctionRegularizer(found)
