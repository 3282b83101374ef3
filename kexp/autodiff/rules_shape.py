"""Derivatives of functions that move elements, copy them or join arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from kexp.autodiff.rules import composite, constant, rule
from kexp.autodiff.rules_index import at, integers
from kexp.autodiff.tracer import Array, NoDerivativeError, Tracer, apply, in_place, name_of

Back = Callable[[Array], Array]

rule(np.copy)(lambda y, a, order="K", subok=False: (lambda dy: dy,))
rule(np.broadcast_to)(lambda y, array, shape, subok=False: (lambda dy: dy,))
rule(np.expand_dims)(lambda y, a, axis: _reshaped(a))
rule(np.squeeze)(lambda y, a, axis=None: _reshaped(a))
rule(np.reshape)(lambda y, a, shape, order="C", copy=None: _reshaped(a, order))
rule(np.ravel)(lambda y, a, order="C": _reshaped(a, order))
rule(np.swapaxes)(lambda y, a, axis1, axis2: (lambda dy: np.swapaxes(dy, axis1, axis2),))
rule(np.moveaxis)(lambda y, a, source, destination: (lambda dy: np.moveaxis(dy, destination, source),))
rule(np.flip)(lambda y, m, axis=None: (lambda dy: np.flip(dy, axis),))
rule(np.triu)(lambda y, m, k=0: (lambda dy: np.triu(dy, k),))
rule(np.tril)(lambda y, m, k=0: (lambda dy: np.tril(dy, k),))

composite(np.matrix_transpose)(lambda x: np.swapaxes(x, -1, -2))
composite(np.fliplr)(lambda m: np.flip(m, 1))
composite(np.flipud)(lambda m: np.flip(m, 0))
composite(np.split)(lambda ary, indices_or_sections, axis=0: _split(ary, indices_or_sections, axis, equal=True))
composite(np.array_split)(lambda ary, indices_or_sections, axis=0: _split(ary, indices_or_sections, axis, equal=False))
composite(np.vsplit)(lambda ary, indices_or_sections: np.split(ary, indices_or_sections, 0))
composite(np.hsplit)(lambda ary, indices_or_sections: np.split(ary, indices_or_sections, min(ary.ndim - 1, 1)))

constant(np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like)
constant(np.shares_memory, np.may_share_memory)


def _reshaped(a: Array, order: str = "C") -> tuple[Back]:
    if order not in ("C", "F"):
        raise NoDerivativeError(np.reshape, f" with order={order!r}")
    shape = a.shape
    return (lambda dy: dy.reshape(shape) if order == "C" else np.reshape(dy, shape, order="F"),)


@rule(np.transpose)
def _(y: Array, a: Array, axes: Sequence[int] | None = None) -> tuple[Back]:
    if axes is None:
        return (np.transpose,)
    places = [axis % a.ndim for axis in axes]
    inverse = sorted(range(a.ndim), key=places.__getitem__)
    return (lambda dy: np.transpose(dy, inverse),)


@rule(np.concatenate)
def _(
    y: Array, arrays: Sequence[Array], axis: int | None = 0, out: None = None, *, dtype: Any = None, casting: str = ""
) -> tuple[list[Back]]:
    _check_list(np.concatenate, arrays)
    at_axis = at(0 if axis is None else axis % y.ndim, slice(None))[:-1]
    backs, start = [], 0
    for x in arrays:
        stop = start + (np.size(x) if axis is None else np.shape(x)[axis])
        backs.append(_piece((*at_axis, slice(start, stop)), np.shape(x)))
        start = stop
    return (backs,)


def _check_list(fn: Any, arrays: Any) -> None:
    if not isinstance(arrays, (list, tuple)):
        raise NoDerivativeError(fn, " of one array instead of a list of arrays")


def _piece(index: tuple[Any, ...], shape: tuple[int, ...]) -> Back:
    return lambda dy: dy[index].reshape(shape)


@rule(np.stack)
def _(
    y: Array, arrays: Sequence[Array], axis: int = 0, out: None = None, *, dtype: Any = None, casting: str = ""
) -> tuple[list[Back]]:
    _check_list(np.stack, arrays)
    return ([_piece(at(axis % y.ndim, i), np.shape(x)) for i, x in enumerate(arrays)],)


@composite(np.atleast_1d)
def _(*arys: Array) -> Any:
    return _one_or_all([x if np.ndim(x) else np.reshape(x, (1,)) for x in arys])


@composite(np.atleast_2d)
def _(*arys: Array) -> Any:
    return _one_or_all([x if np.ndim(x) > 1 else np.reshape(x, (1, -1)) for x in arys])


def _one_or_all(arrays: list[Array]) -> Any:
    return arrays[0] if len(arrays) == 1 else tuple(arrays)


@composite(np.hstack)
def _(tup: Sequence[Array], *, dtype: Any = None, casting: Any = "same_kind") -> Array:
    arrays = [np.atleast_1d(x) for x in tup]
    return np.concatenate(arrays, axis=min(arrays[0].ndim - 1, 1), dtype=dtype, casting=casting)


@composite(np.vstack)
def _(tup: Sequence[Array], *, dtype: Any = None, casting: Any = "same_kind") -> Array:
    return np.concatenate([np.atleast_2d(x) for x in tup], axis=0, dtype=dtype, casting=casting)


@composite(np.column_stack)
def _(tup: Sequence[Array]) -> Array:
    return np.concatenate([x if np.ndim(x) > 1 else np.reshape(x, (-1, 1)) for x in tup], axis=1)


@composite(np.append)
def _(arr: Array, values: Array, axis: int | None = None) -> Array:
    return np.concatenate([arr, values] if axis is not None else [np.ravel(arr), np.ravel(values)], axis=axis or 0)


def _split(x: Array, sections: Any, axis: int, equal: bool) -> list[Array]:
    axis, n = axis % x.ndim, x.shape[axis]
    if np.ndim(sections):
        edges = [0, *map(int, sections), n]
    else:
        size, rest = divmod(n, sections)
        if equal and rest:
            raise ValueError("array split does not result in an equal division")  # as NumPy
        edges = [i * size + min(i, rest) for i in range(sections + 1)]
    return [x[at(axis, slice(start, stop))] for start, stop in pairwise(edges)]


@composite(np.broadcast_arrays)
def _(*args: Array, subok: bool = False) -> tuple[Array, ...]:
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(np.broadcast_to(x, shape) for x in args)


@composite(np.tile)
def _(A: Array, reps: Any) -> Array:
    times = list(reps) if np.ndim(reps) else [reps]
    ndim = max(A.ndim, len(times))
    times = [1] * (ndim - len(times)) + times
    shape = (1,) * (ndim - A.ndim) + A.shape
    apart = A.reshape([n for m in shape for n in (1, m)])
    tiled = np.broadcast_to(apart, [n for pair in zip(times, shape, strict=True) for n in pair])
    return tiled.reshape([t * m for t, m in zip(times, shape, strict=True)])


@composite(np.roll)
def _(a: Array, shift: Any, axis: Any = None) -> Array:
    return apply(_roll, (a, shift, axis))


def _roll(x: Array, shift: Any, axis: Any) -> Array:
    return np.roll(x, shift, axis)


@rule(_roll)
def _(y: Array, x: Array, shift: Any, axis: Any) -> tuple[Back]:
    back = tuple(-s for s in shift) if np.ndim(shift) else -shift
    return (lambda dy: np.roll(dy, back, axis),)


def _pad(x: Array, width: list[tuple[int, int]], value: Any) -> Array:
    return np.pad(x, width, mode="constant", constant_values=value)


@rule(_pad)
def _(y: Array, x: Array, width: list[tuple[int, int]], value: Any) -> tuple[Back]:
    inner = tuple(slice(before, before + n) for (before, _), n in zip(width, x.shape, strict=True))
    return (lambda dy: dy[inner],)


@composite(np.pad)
def _(array: Array, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0) -> Array:
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(i, pad_width.get(i - array.ndim, 0)) for i in range(array.ndim)]
        pad_width = [np.broadcast_to(pair, 2).tolist() for pair in pad_width]
    width = [(int(before), int(after)) for before, after in np.broadcast_to(pad_width, (array.ndim, 2)).tolist()]
    if mode == "constant":
        return apply(_pad, (array, width, constant_values))
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise NoDerivativeError(np.pad, f" with mode={mode!r}")
    for axis, pair in enumerate(width):
        if pair != (0, 0):
            array = array[at(axis, np.pad(integers(array.shape[axis], array), pair, mode=mode))]
    return array


@composite(np.diff)
def _(a: Array, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Array:
    axis %= a.ndim
    edge = a[at(axis, slice(0, 1))]
    ends = [x if x is None or np.ndim(x) else np.full_like(edge, x) for x in (prepend, append)]
    parts = [x for x in (ends[0], a, ends[1]) if x is not None]
    a = np.concatenate(parts, axis=axis) if len(parts) > 1 else a
    for _ in range(n):
        a = a[at(axis, slice(1, None))] - a[at(axis, slice(None, -1))]
    return a


@composite(np.full_like)
def _(a: Array, fill_value: Any, dtype: Any = None, **options: Any) -> Array:
    blank = np.zeros_like(a, dtype=dtype, **options)
    return blank + fill_value if type(fill_value) is Tracer else np.full_like(blank, fill_value)


def _refuse(fn: Any) -> None:
    def refused(*args: Any, **kwargs: Any) -> Any:
        raise in_place(f"np.{name_of(fn)}")

    composite(fn)(refused)


for _fn in (np.copyto, np.fill_diagonal, np.place, np.put, np.put_along_axis, np.putmask):
    _refuse(_fn)
