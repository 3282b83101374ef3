"""ReLU: the activation relu as a layer."""

from __future__ import annotations

from typing import Any

from kexp.core.component import number
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.elementwise import ActivationLayer


class ReLU(ActivationLayer):
    """x above `threshold`, at most `max_value`; below it negative_slope * (x - threshold). Shapes: any, unchanged."""

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = number("threshold", threshold, least=0)
        self.applies("relu", negative_slope=negative_slope, max_value=max_value, threshold=self.threshold)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"relu": ReLU}
