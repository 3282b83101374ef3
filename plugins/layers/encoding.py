"""Token numbers as one-hot, multi-hot and count vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context


def encoded(indices: Array, mode: str, depth: int, dtype: str, ctx: Context, weights: Array | None = None) -> Array:
    """Indices 0 ... depth - 1 as vectors of `depth` numbers; -1 stands for nothing.

    one_hot: (...) -> (..., depth), a last axis of size 1 taken away before. multi_hot and count: (..., t) ->
    (..., depth), whether and how often each index stands among the t; `weights` (..., t) count instead of 1.
    """
    shape = encoded_shape(indices.shape, mode, depth)
    tokens = ctx.backend.xp.arange(depth, dtype=indices.dtype)
    if mode == "one_hot":
        return (indices.reshape(-1, 1) == tokens).astype(dtype).reshape(shape)
    rows = indices.reshape(-1, indices.shape[-1])
    weighing = None if weights is None else weights.reshape(rows.shape)
    total: Any = None
    for place in range(rows.shape[1]):  # not all places at once: the array would be t times as large
        hits = rows[:, place, None] == tokens
        if mode == "multi_hot":
            total = hits if total is None else total | hits
            continue
        counted = hits.astype(dtype) if weighing is None else hits * weighing[:, place, None].astype(dtype)
        total = counted if total is None else total + counted
    if total is None:
        total = ctx.backend.xp.zeros((len(rows), depth), dtype=dtype)
    return np.reshape(total.astype(dtype), shape)


def encoded_shape(shape: Any, mode: str, depth: int) -> tuple[Any, ...]:
    """The shape of `encoded` for indices of this shape."""
    if mode == "one_hot" and (len(shape) == 1 or shape[-1] != 1):
        return (*shape, depth)
    return (*shape[:-1], depth)
