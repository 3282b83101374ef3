"""Softmax: the activation softmax as a layer."""

from __future__ import annotations

from typing import Any

from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.elementwise import ActivationLayer


class Softmax(ActivationLayer):
    """exp(x) divided by its sum along `axis`, or along all axes of a list. Shapes: any, unchanged."""

    def __init__(self, axis: int | list[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis: Any = axis
        if isinstance(axis, list | tuple):
            self.axis = tuple(axis) if len(axis) > 1 else axis[0]
        self.applies("softmax", axis=self.axis)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"softmax": Softmax}
