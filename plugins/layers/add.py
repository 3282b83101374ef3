"""Add: the sum of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kexp.backend import Array
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.merging import Gradients, Merge


class Add(Merge):
    """The sum of all inputs, element by element. Shapes: a list of x (n, ...) that broadcast -> y (n, ...)."""

    def merge(self, inputs: list[Array], ctx: Context) -> tuple[Array, Gradients]:
        y = inputs[0]
        for x in inputs[1:]:
            y = y + x
        return y, lambda dy: (dy,) * len(inputs)


def add(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """The sum of `inputs`, tensors or arrays: `Add(**kwargs)(inputs)`."""
    return Add(**kwargs)(list(inputs))


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"add": Add}
