"""What the attention layers share: softmax over the keys, with masks and dropout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context
from kexp_plugins.layers.noise import kept


def causal(scores: Array, ctx: Context) -> Array:
    """The mask (1, t, s) that lets step t see the steps up to t."""
    steps, keys = scores.shape[-2:]
    arange = ctx.backend.xp.arange
    return arange(steps).reshape(1, steps, 1) >= arange(keys).reshape(1, 1, keys)


def as_mask(mask: Any) -> Array | None:
    """A mask that was given in a call, as truth values."""
    if mask is None:
        return None
    mask = mask if hasattr(mask, "dtype") else np.asarray(mask)
    return mask if mask.dtype.kind == "b" else mask.astype(bool)


def both(first: Array | None, second: Array | None) -> Array | None:
    """Where both masks are True; a mask that is None is True everywhere."""
    if first is None or second is None:
        return second if first is None else first
    return first & second


def softmax(scores: Array) -> tuple[Array, Callable[[Array], Array]]:
    """exp(scores) divided by its sum along the last axis, and the pullback."""
    weights = scores - scores.max(-1, keepdims=True)
    np.exp(weights, out=weights)
    np.divide(weights, weights.sum(-1, keepdims=True), out=weights)

    def back(dweights: Array) -> Array:
        product = dweights * weights
        return np.subtract(product, weights * product.sum(-1, keepdims=True), out=product)

    return weights, back


def dropped(weights: Array, rate: float, ctx: Context) -> tuple[Array, Any]:
    """Weights after dropout, and what they were multiplied by: 1 where nothing is dropped."""
    if not ctx.training or not rate:
        return weights, 1
    factor = kept(weights, rate, None, ctx) * (1 / (1 - rate))
    return weights * factor, factor
