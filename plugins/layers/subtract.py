"""Subtract: the difference of two inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kexp.backend import Array
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.merging import Gradients, Merge


class Subtract(Merge):
    """The first input minus the second. Shapes: a list of x (n, ...) that broadcast -> y (n, ...)."""

    exactly = 2

    def merge(self, inputs: list[Array], ctx: Context) -> tuple[Array, Gradients]:
        return inputs[0] - inputs[1], lambda dy: (dy, -dy)


def subtract(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """The difference of `inputs`, tensors or arrays: `Subtract(**kwargs)(inputs)`."""
    return Subtract(**kwargs)(list(inputs))


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"subtract": Subtract}
