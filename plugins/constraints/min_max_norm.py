"""min_max_norm: keeps the norm of each unit's weights between two bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array, settings
from kexp.core.component import number
from kexp.core.constraint import Constraint
from kexp.errors import ArgumentError, ShapeError
from kexp.hookspecs import hookimpl

Axes = list[int] | tuple[int, ...]


class MinMaxNorm(Constraint):
    """Scales weights so that their norms along `axis` come into [min_value, max_value].

    With a `rate` below 1 only that part of the way is gone at each update. `axis` 0 suits a Dense kernel (d, units),
    [0, 1, 2] a Conv2D kernel (h, w, c, filters).
    Raises: ArgumentError if max_value is below min_value, or rate outside [0, 1].
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: int | Axes | None = 0
    ) -> None:
        self.min_value = number("min_value", min_value, least=0)
        self.max_value = number("max_value", max_value, least=0)
        self.rate = number("rate", rate, least=0)
        if self.max_value < self.min_value:
            raise ArgumentError(f"max_value must be at least min_value, {min_value!r}. Received: {max_value!r}")
        if self.rate > 1:
            raise ArgumentError(f"rate must be a number in [0, 1]. Received: {rate!r}")
        self.axis = checked_axes(axis)
        self._epsilon = settings.epsilon()

    def project(self, w: Array) -> Array:
        norm = norm_along(w, self.axis)
        wanted = np.minimum(np.maximum(norm, self.min_value), self.max_value)
        wanted = self.rate * wanted + (1 - self.rate) * norm
        return w * (wanted / (self._epsilon + norm))


def checked_axes(axis: Any) -> tuple[int, ...] | None:
    """`axis` as a tuple of axes; None stands for all."""
    if axis is None:
        return None
    axes = tuple(axis) if isinstance(axis, list | tuple) else (axis,)
    if any(isinstance(one, bool) or not isinstance(one, int) for one in axes):
        raise ArgumentError(f"axis must be an int, a list of ints or None. Received: {axis!r}")
    return axes


def norm_along(w: Array, axes: tuple[int, ...] | None) -> Array:
    """The Euclidean norm along some axes, which stay as axes of length 1."""
    if axes is not None and any(not -w.ndim <= axis < w.ndim for axis in axes):
        raise ShapeError(f"axis must be among the {w.ndim} axes of the weight, {w.shape}. Received: {axes}")
    return np.sqrt(np.sum(w * w, axis=axes, keepdims=True))


@hookimpl
def kexp_constraints() -> dict[str, type[Constraint]]:
    return {"min_max_norm": MinMaxNorm}
