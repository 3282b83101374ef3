"""Derivatives of functions that pick elements; all of them are indexing in the end."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from kexp.autodiff.backward import Scatter
from kexp.autodiff.rules import composite, constant, rule
from kexp.autodiff.tracer import Array, NoDerivativeError, stop_gradient

rule(operator.getitem)(lambda y, x, index: (Scatter(x, index),))
rule(np.diagflat)(lambda y, v, k=0: (lambda dy: np.diagonal(dy, k).reshape(v.shape),))
composite(np.diag)(lambda v, k=0: np.diagflat(v, k) if v.ndim == 1 else np.diagonal(v, k))
composite(np.trace)(
    lambda a, offset=0, axis1=0, axis2=1, dtype=None, out=None: np.sum(
        np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype
    )
)
constant(np.nonzero, np.argwhere, np.flatnonzero)


def at(axis: int, index: Any) -> tuple[Any, ...]:
    """The index that applies `index` to `axis`, counted from 0."""
    return (*(slice(None),) * axis, index)


def integers(n: int, x: Array) -> Array:
    """The integers below n, on x's device."""
    like = stop_gradient(x)
    return np.arange(n) if isinstance(like, np.generic) else np.arange(n, like=like)


@composite(np.take)
def _(a: Array, indices: Any, axis: int | None = None, out: None = None, mode: str = "raise") -> Array:
    if mode != "raise":
        raise NoDerivativeError(np.take, f" with mode={mode!r}")
    return a.ravel()[indices] if axis is None else a[at(axis % a.ndim, indices)]


@composite(np.take_along_axis)
def _(arr: Array, indices: Array, axis: int | None = -1) -> Array:
    return arr.ravel()[indices] if axis is None else arr[_along(arr, indices, axis % arr.ndim)]


def _along(x: Array, chosen: Array, axis: int) -> tuple[Array, ...]:
    grid = [integers(n, x).reshape([-1 if i == k else 1 for k in range(x.ndim)]) for i, n in enumerate(x.shape)]
    grid[axis] = chosen
    return tuple(grid)


@composite(np.sort)
def _(a: Array, axis: int | None = -1, **options: Any) -> Array:
    a, axis = (a.ravel(), 0) if axis is None else (a, axis)
    return np.take_along_axis(a, np.argsort(a, axis=axis, **options), axis)


@composite(np.repeat)
def _(a: Array, repeats: Any, axis: int | None = None) -> Array:
    a, axis = (a.ravel(), 0) if axis is None else (a, axis % a.ndim)
    shape, n = a.shape, a.shape[axis]
    if np.ndim(repeats):
        return a[at(axis, np.repeat(integers(n, a), repeats))]
    apart = np.broadcast_to(np.expand_dims(a, axis + 1), (*shape[: axis + 1], repeats, *shape[axis + 1 :]))
    return apart.reshape((*shape[:axis], n * repeats, *shape[axis + 1 :]))


@composite(np.diagonal)
def _(a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    a = np.moveaxis(a, (axis1, axis2), (-2, -1))
    down, right = max(-offset, 0), max(offset, 0)
    i = integers(max(min(a.shape[-2] - down, a.shape[-1] - right), 0), a)
    return a[..., i + down, i + right]
