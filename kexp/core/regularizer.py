"""Regularizer: a penalty on a weight that is added to the loss."""

from __future__ import annotations

from typing import ClassVar

from kexp.autodiff import vjp
from kexp.backend import Array
from kexp.core.component import Component


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
