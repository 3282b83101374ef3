"""Derivatives of matrix products and of the rest of linear algebra."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kexp.autodiff.rules import composite, rule
from kexp.autodiff.tracer import Array, NoDerivativeError

Back = Callable[[Array], Array]


def _turned(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


@rule(np.matmul)
def _(y: Array, a: Array, b: Array) -> tuple[Back, Back]:
    if a.ndim == 1 and b.ndim == 1:
        return lambda dy: dy * b, lambda dy: dy * a
    # A vector is a matrix of one row (a) or one column (b); its axis is missing in dy.
    if a.ndim == 1:
        return lambda dy: (dy[..., None, :] @ _turned(b))[..., 0, :], lambda dy: a[:, None] @ dy[..., None, :]
    if b.ndim == 1:
        return lambda dy: dy[..., None] * b, lambda dy: (_turned(a) @ dy[..., None])[..., 0]
    if b.ndim == 2 and a.ndim > 2:  # one large product in place of many small ones and a sum
        rows = a.reshape(-1, a.shape[-1])
        return lambda dy: dy @ b.T, lambda dy: rows.T @ dy.reshape(-1, dy.shape[-1])
    return lambda dy: dy @ _turned(b), lambda dy: _turned(a) @ dy


@composite(np.dot)
def _(a: Array, b: Array) -> Array:
    if not np.ndim(a) or not np.ndim(b):
        return a * b
    return np.matmul(a, b) if np.ndim(b) <= 2 else np.tensordot(a, b, (-1, -2))


@composite(np.inner)
def _(a: Array, b: Array) -> Array:
    return np.tensordot(a, b, (-1, -1)) if np.ndim(a) and np.ndim(b) else a * b


composite(np.outer)(lambda a, b: np.ravel(a)[:, None] * np.ravel(b))
composite(np.vdot)(lambda a, b: np.matmul(np.ravel(a), np.ravel(b)))
composite(np.vecdot)(lambda x1, x2, axis=-1: np.sum(x1 * x2, axis=axis))


@composite(np.tensordot)
def _(a: Array, b: Array, axes: Any = 2) -> Array:
    if isinstance(axes, int):
        axes = range(a.ndim - axes, a.ndim), range(axes)
    over_a, over_b = ([i % x.ndim for i in ([over] if isinstance(over, int) else over)] for x, over in zip((a, b), axes, strict=True))
    rest_a = [i for i in range(a.ndim) if i not in over_a]
    rest_b = [i for i in range(b.ndim) if i not in over_b]
    n = [a.shape[i] for i in rest_a], [b.shape[i] for i in rest_b]
    ...
