"""Derivatives of functions that reduce or run along axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kexp.autodiff.rules import composite, constant, rule
from kexp.autodiff.tracer import Array, NoDerivativeError

Axis = int | tuple[int, ...] | None
Back = Callable[[Array], Array]

constant(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort)
constant(np.any, np.all, np.count_nonzero, np.searchsorted, np.digitize)


def kept(d: Array, axis: Axis, keepdims: bool) -> Array:
    """The result of a reduction with its reduced axes put back, so that it broadcasts to what was reduced."""
    if keepdims or axis is None:
        return d
    return d[..., None] if axis == -1 else np.expand_dims(d, axis)


@rule(np.sum)
def _(
    y: Array,
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = 0,
    where: Any = True,
) -> tuple[Back]:
    shape = a.shape

    def back(dy: Array) -> Array:
        d = np.broadcast_to(kept(dy, axis, keepdims), shape)
        return d if where is True else np.where(where, d, 0)

    return (back,)


@rule(np.mean)
def _(
    y: Array, a: Array, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False
) -> tuple[Back]:
    shape, count = a.shape, a.size / max(y.size, 1)
    return (lambda dy: np.broadcast_to(kept(dy / count, axis, keepdims), shape),)


@rule(np.max, np.amax, np.min, np.amin)
def _(
    y: Array, a: Array, axis: Axis = None, out: None = None, keepdims: bool = False, initial: Any = None
) -> tuple[Back]:
    def back(dy: Array) -> Array:
        ties = (a == kept(y, axis, keepdims)).astype(a.dtype)
        count = np.maximum(ties.sum(axis, keepdims=True), 1)  # none where `initial` won
        return ties * (kept(dy, axis, keepdims) / count)

    return (back,)


@rule(np.prod)
def _(
    y: Array, a: Array, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False
) -> tuple[Back]:
    def back(dy: Array) -> Array:
        zero = a == 0
        others = np.where(zero, 1, a)
        product = np.prod(others, axis=axis, keepdims=True)
        zeros = np.sum(zero, axis=axis, keepdims=True)  # beside one zero only that place has a derivative
        slope = np.where(zeros == zero, product / others, 0)
        return kept(dy, axis, keepdims) * slope

    return (back,)


def _spread(a: Array, y: Array, axis: Axis, ddof: float, correction: float | None) -> tuple[Array, float]:
    freedom = a.size / max(y.size, 1) - (ddof if correction is None else correction)
    return a - np.mean(a, axis=axis, keepdims=True), freedom


@rule(np.var)
def _(
    y: Array,
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Back]:
    def back(dy: Array) -> Array:
        centered, freedom = _spread(a, y, axis, ddof, correction)
        return centered * (kept(dy, axis, keepdims) * (2 / freedom))

    return (back,)


@rule(np.std)
def _(
    y: Array,
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Back]:
    def back(dy: Array) -> Array:
        centered, freedom = _spread(a, y, axis, ddof, correction)
        return centered * (kept(dy / y, axis, keepdims) / freedom)

    return (back,)


@rule(np.cumsum)
def _(y: Array, a: Array, axis: int | None = None, dtype: Any = None, out: None = None) -> tuple[Back]:
    at, shape = (0 if axis is None else axis), a.shape
    return (lambda dy: np.flip(np.cumsum(np.flip(dy, at), axis=at), at).reshape(shape),)


@rule(np.linalg.norm)
def _(y: Array, x: Array, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> tuple[Back]:
    vector = isinstance(axis, (int, np.integer)) or (axis is None and x.ndim == 1)
    if ord is None or ord == "fro" or (ord == 2 and vector):
        return (lambda dy: x * kept(dy / np.where(y == 0, 1, y), axis, keepdims),)
    if ord == 1 and vector:
        return (lambda dy: np.sign(x) * kept(dy, axis, keepdims),)
    raise NoDerivativeError(np.linalg.norm, f" with ord={ord!r}")


composite(np.ptp)(
    lambda a, axis=None, out=None, keepdims=False: (
        np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)
    )
)
composite(np.nansum)(
    lambda a, axis=None, dtype=None, out=None, keepdims=False: np.sum(
        np.where(np.isnan(a), 0, a), axis=axis, dtype=dtype, keepdims=keepdims
    )
)


@composite(np.nanmean)
def _(a: Array, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False) -> Array:
    missing = np.isnan(a)
    count = np.sum(~missing, axis=axis, keepdims=keepdims).astype(a.dtype)
    return np.sum(np.where(missing, 0, a), axis=axis, dtype=dtype, keepdims=keepdims) / count


@composite(np.average)
def _(a: Array, axis: Axis = None, weights: Array | None = None, *, keepdims: bool = False) -> Array:
    if weights is None:
        return np.mean(a, axis=axis, keepdims=keepdims)
    if np.shape(weights) != np.shape(a) and isinstance(axis, int):
        weights = np.reshape(weights, (-1, *[1] * (np.ndim(a) - 1 - axis % np.ndim(a))))
    total = np.sum(np.broadcast_to(weights, np.shape(a)), axis=axis, keepdims=keepdims)
    return np.sum(a * weights, axis=axis, keepdims=keepdims) / total
