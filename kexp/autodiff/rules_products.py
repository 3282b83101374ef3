"""Derivatives of matrix products and of the rest of linear algebra."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import compress
from string import ascii_letters
from typing import Any

import numpy as np

from kexp.autodiff.rules import composite, rule
from kexp.autodiff.rules_index import integers
from kexp.autodiff.tracer import Array, NoDerivativeError

Back = Callable[[Array], Array]


def _turned(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


def _rows(x: Array) -> Array:
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


def _dense(dy: Array) -> Array:
    """`dy` in memory of its own if it was broadcast; BLAS takes no strides of 0, and NumPy's own loop is slow."""
    return dy.copy() if 0 in getattr(dy, "strides", ()) else dy


@rule(np.matmul)
def _(y: Array, a: Array, b: Array) -> tuple[Back, Back]:
    if a.ndim == 1 and b.ndim == 1:
        return lambda dy: dy * b, lambda dy: dy * a
    # A vector is a matrix of one row (a) or one column (b); that axis is missing in dy.
    if a.ndim == 1:
        return lambda dy: (dy[..., None, :] @ _turned(b))[..., 0, :], lambda dy: a[:, None] * dy[..., None, :]
    if b.ndim == 1:
        return lambda dy: dy[..., None] * b, lambda dy: (_turned(a) @ dy[..., None])[..., 0]
    if b.ndim == 2 and a.ndim > 2:  # one large product in place of many small ones and a sum
        return lambda dy: _dense(dy) @ b.T, lambda dy: _rows(a).T @ _rows(_dense(dy))
    return lambda dy: _dense(dy) @ _turned(b), lambda dy: _turned(a) @ _dense(dy)


@composite(np.dot)
def _(a: Array, b: Array, out: None = None) -> Array:
    if not np.ndim(a) or not np.ndim(b):
        return a * b
    return np.matmul(a, b) if np.ndim(b) <= 2 else np.tensordot(a, b, (-1, -2))


@composite(np.inner)
def _(a: Array, b: Array) -> Array:
    return np.tensordot(a, b, (-1, -1)) if np.ndim(a) and np.ndim(b) else a * b


composite(np.outer)(lambda a, b, out=None: np.ravel(a)[:, None] * np.ravel(b))
composite(np.vdot)(lambda a, b: np.matmul(np.ravel(a), np.ravel(b)))
composite(np.vecdot)(lambda x1, x2, axis=-1: np.sum(x1 * x2, axis=axis))


@composite(np.tensordot)
def _(a: Array, b: Array, axes: Any = 2) -> Array:
    over = (range(a.ndim - axes, a.ndim), range(axes)) if np.ndim(axes) == 0 else axes
    over_a, over_b = (
        [axis % x.ndim for axis in ([o] if np.ndim(o) == 0 else o)] for x, o in zip((a, b), over, strict=True)
    )
    rest_a = [axis for axis in range(a.ndim) if axis not in over_a]
    rest_b = [axis for axis in range(b.ndim) if axis not in over_b]
    n, d, k = (math.prod(x.shape[axis] for axis in axes) for x, axes in ((a, rest_a), (a, over_a), (b, rest_b)))
    left = np.transpose(a, rest_a + over_a).reshape(n, d)
    right = np.transpose(b, over_b + rest_b).reshape(d, k)
    return (left @ right).reshape([a.shape[axis] for axis in rest_a] + [b.shape[axis] for axis in rest_b])


@rule(np.einsum)
def _(y: Array, subscripts: Any, *operands: Array, out: None = None, optimize: Any = False) -> tuple[Back | None, ...]:
    terms, result = _parse(subscripts, operands)
    return None, *(_einsum_back(i, terms, result, operands, optimize) for i in range(len(operands)))


def _parse(subscripts: Any, operands: Sequence[Array]) -> tuple[list[str], str]:
    """The letters of each operand and of the result, with the ellipsis and the implicit result spelt out."""
    if not isinstance(subscripts, str):
        raise NoDerivativeError(np.einsum, " with lists of axes")
    inputs, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    hidden = [x.ndim - len(term) + 3 if "..." in term else 0 for term, x in zip(terms, operands, strict=True)]
    fresh = "".join(letter for letter in ascii_letters if letter not in subscripts)[: max(hidden)]
    if not arrow:
        result = "..." + "".join(sorted(letter for letter in set(inputs) - set(".,") if inputs.count(letter) == 1))
    terms = [term.replace("...", fresh[len(fresh) - n :]) for term, n in zip(terms, hidden, strict=True)]
    return terms, result.replace("...", fresh)


def _einsum_back(i: int, terms: list[str], result: str, operands: Sequence[Array], optimize: Any) -> Back:
    term, shape = terms[i], np.shape(operands[i])
    others = (*operands[:i], *operands[i + 1 :])
    elsewhere = set(result).union(*terms[:i], *terms[i + 1 :])
    first = [term.index(letter) == k for k, letter in enumerate(term)]
    present = [new and letter in elsewhere for new, letter in zip(first, term, strict=True)]
    subscripts = ",".join([result, *terms[:i], *terms[i + 1 :]]) + "->" + "".join(compress(term, present))
    axes = tuple(slice(None) if here else None for here in present)

    def back(dy: Array) -> Array:
        d = np.einsum(subscripts, dy, *others, optimize=optimize)[axes]
        for k in (k for k, new in enumerate(first) if not new):
            d = d * _equal_indices(shape, term.index(term[k]), k, dy)
        # Summed letters that no other operand has, or has with length 1, spread over the operand.
        return np.broadcast_to(d, [m if n == 1 else n for n, m in zip(shape, d.shape, strict=True)])

    return back


def _equal_indices(shape: tuple[int, ...], p: int, q: int, like: Array) -> Array:
    """True where the indices of axes p and q are equal, of a shape that broadcasts to `shape`."""
    at_p, at_q = ([n if k == axis else 1 for k, n in enumerate(shape)] for axis in (p, q))
    return integers(shape[p], like).reshape(at_p) == integers(shape[q], like).reshape(at_q)


@rule(np.linalg.inv)
def _(y: Array, a: Array) -> tuple[Back]:
    return (lambda dy: -_turned(y) @ dy @ _turned(y),)


@rule(np.linalg.det)
def _(y: Array, a: Array) -> tuple[Back]:
    return (lambda dy: (dy * y)[..., None, None] * _turned(np.linalg.inv(a)),)


@rule(np.linalg.solve)
def _(y: Array, a: Array, b: Array) -> tuple[Back, Back]:
    vector = b.ndim == 1

    def back_b(dy: Array) -> Array:
        d = np.linalg.solve(_turned(a), dy[..., None] if vector else dy)
        return d[..., 0] if vector else d

    def back_a(dy: Array) -> Array:
        d = back_b(dy)
        return -d[..., None] * y[..., None, :] if vector else -d @ _turned(y)

    return back_a, back_b
