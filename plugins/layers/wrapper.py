"""Wrapper: a layer around another layer."""

from __future__ import annotations

from typing import Any

from kexp.core.component import LayerSpec, resolve
from kexp.core.inner_model import model_of
from kexp.core.layer import Layer
from kexp.errors import ArgumentError


class Wrapper(Layer):
    """Base of layers that contain one layer; a subclass writes `forward`, which runs it with `ctx.child("layer")`."""

    def __init__(self, layer: LayerSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer = self.add_layer("layer", wrapped(layer))
        self.casts_ints, self.keeps_dtype = self.layer.casts_ints, self.layer.keeps_dtype
        if hasattr(self.layer, "input_dtype"):
            self.input_dtype = self.layer.input_dtype

    def build(self, input_shape: Any) -> None:
        self.build_layer("layer", input_shape)


def wrapped(layer: Any) -> Layer:
    """The layer that `layer` names or is; a model becomes a layer.

    Raises: ArgumentError if it is none.
    """
    found = resolve("layer", model_of(layer))
    if hasattr(found, "as_layer"):
        found = found.as_layer()
    if not isinstance(found, Layer):
        raise ArgumentError(f"layer must be a layer. Received: {found!r}")
    return found
