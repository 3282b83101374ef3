"""Average: the mean of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kexp.backend import Array
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.merging import Gradients, Merge


class Average(Merge):
    """The mean of all inputs, element by element. Shapes: a list of x (n, ...) that broadcast -> y (n, ...)."""

    def merge(self, inputs: list[Array], ctx: Context) -> tuple[Array, Gradients]:
        y = inputs[0]
        for x in inputs[1:]:
            y = y + x
        share = 1 / len(inputs)
        return y * share, lambda dy: (dy * share,) * len(inputs)


def average(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """The mean of `inputs`, tensors or arrays: `Average(**kwargs)(inputs)`."""
    return Average(**kwargs)(list(inputs))


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"average": Average}
