"""Settling: layers that were built by a call on a symbolic tensor move into the model that takes them."""

from __future__ import annotations

from collections.abc import Sequence

from kexp.backend import Backend
from kexp.core.layer import Layer
from kexp.core.streams import Streams


def settle(layers: Sequence[Layer], streams: Streams, backend: Backend, *, redraw: bool) -> None:
    """Give layers that belong to no model yet the streams and the backend of this one.

    With `redraw` their start values are drawn again from `streams`, so that the model's seed alone decides them.
    """
    for layer in layers:
        if not layer.drawn_alone:
            continue
        family = list(layer.family().values())
        for member in family:
            member.drawn_alone = False
            member._home = (streams, backend)
        if redraw:
            for member in family:
                member._weights.clear()
                member.built = False
            layer.ensure_built(layer.input_shape)
        for weight in layer.weights:
            weight.bind(backend.asarray(weight.value))
