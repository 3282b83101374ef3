"""Minimum: the smallest of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.merging import Gradients, Merge, extreme_masked, folded_extreme


class Minimum(Merge):
    """The smallest of all inputs, element by element; equal ones share the derivative.

    Shapes: a list of x (n, ...) that broadcast -> y (n, ...).
    """

    def merge(self, inputs: list[Array], ctx: Context) -> tuple[Array, Gradients]:
        return folded_extreme(inputs, np.minimum, ctx)

    def merge_masked(self, inputs: list[Array], masks: list[Array | None]) -> Array:
        return extreme_masked(inputs, masks, np.minimum)


def minimum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """The smallest of `inputs`, tensors or arrays: `Minimum(**kwargs)(inputs)`."""
    return Minimum(**kwargs)(list(inputs))


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"minimum": Minimum}
