"""Casting: numbers come to each layer in the layer's own dtype, as Keras' autocast brings them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer


def is_whole(dtype: str) -> bool:
    """Whether `dtype` is one of whole numbers or truth values."""
    return np.dtype(dtype).kind in "iub"


def casting(forward: Callable[..., Any], node: Any) -> Callable[..., Any]:
    """`forward` of a node's layer, with a cast before it where an input may have another dtype than the layer."""
    layer = node.layer
    same = all(tensor.dtype == layer.dtype and _certain(tensor.node) for tensor in node.inputs)
    return forward if same else functools.partial(_cast, layer, np.dtype(layer.dtype), forward)


def _certain(node: Any) -> bool:
    """Whether a node's arrays surely have the dtype that its tensors state."""
    if node is None:
        return True
    layer = node.layer
    return layer.casts_ints or layer.keeps_dtype or hasattr(layer, "input_dtype")


def _cast(layer: Layer, dtype: Any, forward: Callable[..., Any], *inputs: Array, ctx: Context) -> tuple[Any, Pullback]:
    kinds = "fiub" if layer.casts_ints else "f"
    given = [x if x.dtype == dtype or x.dtype.kind not in kinds else x.astype(dtype) for x in inputs]
    y, pullback = forward(*given, ctx=ctx)

    def back(dy: Any) -> Any:
        cotangents, gradients = pullback(dy)
        return tuple(_back(d, x) for d, x in zip(cotangents, inputs, strict=True)), gradients

    return y, back


def _back(d: Array | None, x: Array) -> Array | None:
    if d is None or x.dtype.kind != "f":
        return None
    return d if d.dtype == x.dtype else d.astype(x.dtype)
