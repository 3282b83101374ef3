"""vjp: the value of a function, and a pullback made by walking its tape backwards."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kexp.autodiff.tracer import Array, Tape, Tracer, TracingError, name_of
from kexp.errors import ShapeError


def vjp(fn: Callable[..., Any], *args: Array) -> tuple[Any, Callable[[Any], tuple[Array, ...]]]:
    """The value of `fn(*args)` and its pullback (vector-Jacobian product), without a derivative written by hand.

    `fn` is written in operators, indexing, array methods and NumPy functions; it returns an array, or a tuple or
    list of arrays. It may use arrays that are not among `args` as constants. The arrays may be NumPy's, CuPy's, or
    of any class with `__array_ufunc__` and `__array_function__`.

    `pullback(dy)` takes the cotangent of y (for a tuple: a sequence, None meaning zero; for a 0-d y also a number)
    and returns a cotangent for each of `args`, of its shape and dtype: new arrays, zeros for arguments that y does
    not depend on and for arguments of integers or booleans. It may be called many times, and changes nothing.

    Where a derivative does not exist: `maximum`, `minimum`, `max`, `min` share the cotangent equally among ties;
    `abs` and `linalg.norm` give 0 at 0; `clip` passes it on its bounds.

    Raises: NoDerivativeError for a function without a rule (at the call, not at the pullback); TracingError where
    `fn` leaves traced arrays (np.asarray, float()) or writes into them; ShapeError for a wrong cotangent.

    >>> y, pullback = vjp(lambda x, w: np.tanh(x @ w).sum(), np.eye(2), np.zeros((2, 3)))
    >>> dx, dw = pullback(1.0)
    >>> dw.tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    tape: Tape = []
    result = fn(*[_trace(arg, place, tape) for place, arg in enumerate(args)])
    many = isinstance(result, (tuple, list))
    outputs = [_output(entry, tape) for entry in (result if many else (result,))]
    values = [value for value, _ in outputs]
    length = len(tape)  # what a leaked tracer adds later is none of ours

    def pullback(dy: Any) -> tuple[Array, ...]:
        dys = _entries(dy, len(outputs)) if many else (dy,)
        cotangents = _seeds(dys, outputs, length)
        _walk(tape, cotangents)
        taken = {id(d) for d in dys}
        lines = iter(range(length))  # the traced arguments have the first lines of the tape, in order
        return tuple(_own(cotangents[next(lines)] if _is_traced(arg) else None, arg, taken) for arg in args)

    return (values[0] if not many else values if isinstance(result, list) else tuple(values)), pullback


class Scatter:
    """The pullback of `x[index]`: adds into a buffer for x, so that a loop over `x[:, t]` costs one buffer in all."""

    __slots__ = ("index", "x")

    def __init__(self, x: Array, index: Any) -> None:
        self.x = x
        self.index = index

    def buffer(self) -> Array:
        """Zeros of x's shape and dtype, in C order."""
        return np.zeros_like(self.x, order="C")

    def add(self, total: Array, dy: Array) -> None:
        """Add `dy`, shape of `x[index]`, to `total`, shape of x; in place."""
        if not _may_repeat(self.index):
            total[self.index] += dy
            return
        # One flat integer array is the one form of index that np.add.at takes fast, and on CuPy at all.
        np.add.at(total.reshape(-1), _places(total, self.index).reshape(-1), dy.reshape(-1))


def _may_repeat(index: Any) -> bool:
    for part in index if type(index) is tuple else (index,):
        simple = part is None or part is Ellipsis or isinstance(part, (int, slice, np.integer))
        if not simple and not (hasattr(part, "dtype") and part.dtype.kind == "b"):
            return True
    return False


def _places(x: Array, index: Any) -> Array:
    """Where in the flattened x the elements of `x[index]` stand."""
    if hasattr(index, "dtype"):  # rows, as of an embedding: no need for a second array of x's size
        width = math.prod(x.shape[1:])
        return index.astype(np.int64).reshape(-1, 1) % len(x) * width + np.arange(width, like=x)
    return np.arange(x.size, like=x).reshape(x.shape)[index]


def _is_traced(arg: Array) -> bool:
    return arg.dtype.kind not in "biu"


def _trace(arg: Any, place: int, tape: Tape) -> Any:
    if type(arg) is Tracer:
        raise TracingError("vjp was called on a traced array; vjp inside vjp is not supported.")
    if not hasattr(arg, "dtype") or not hasattr(arg, "shape"):
        raise TracingError(
            f"vjp differentiates by arrays, but argument {place} is of type {type(arg).__name__}. "
            "Make it an array, or let fn take it from around it."
        )
    if not _is_traced(arg):
        return arg
    if arg.dtype.kind == "c":
        raise TracingError(f"argument {place} of vjp is complex; vjp differentiates real arrays only.")
    tape.append([arg.shape, arg.dtype, None])
    return Tracer(arg, tape, len(tape) - 1)


def _output(entry: Any, tape: Tape) -> tuple[Any, int | None]:
    if type(entry) is not Tracer:
        if not hasattr(entry, "dtype") and not isinstance(entry, (int, float)):
            kind = type(entry).__name__
            raise TracingError(f"the function given to vjp must return an array or a tuple of arrays, not {kind}.")
        return entry, None
    if entry.tape is not tape:
        raise TracingError("the function given to vjp returned a traced array of another vjp call.")
    return entry.value, entry.index


def _entries(dy: Any, count: int) -> Sequence[Any]:
    if not isinstance(dy, (tuple, list)) or len(dy) != count:
        given = f"{len(dy)}" if isinstance(dy, (tuple, list)) else f"one {type(dy).__name__}"
        raise ShapeError(f"fn returned {count} arrays, so its pullback takes {count} cotangents; it was given {given}.")
    return dy


def _seeds(dys: Sequence[Any], outputs: Sequence[tuple[Any, int | None]], length: int) -> list[Any]:
    """The cotangent of each line of the tape before the walk: those of the outputs, else None."""
    cotangents: list[Any] = [None] * length
    for (value, index), d in zip(outputs, dys, strict=True):
        if d is not None and index is not None:
            d = _seed(d, value)
            cotangents[index] = d if cotangents[index] is None else cotangents[index] + d
    return cotangents


def _seed(d: Any, y: Array) -> Array:
    if isinstance(d, (int, float, np.generic)) and y.shape == ():
        return np.full_like(y, d)
    if getattr(d, "shape", None) != y.shape:
        given = f"has shape {d.shape}" if hasattr(d, "shape") else f"is of type {type(d).__name__}"
        raise ShapeError(f"y has shape {y.shape}, so its cotangent must have it too; it {given}.")
    return d if d.dtype == y.dtype else d.astype(y.dtype)


def _walk(tape: Tape, cotangents: list[Any]) -> None:
    """Push cotangents from the outputs down to the inputs of the tape; those of the steps are dropped on the way."""
    buffers: dict[int, Array] = {}
    for line in range(len(cotangents) - 1, -1, -1):
        dy = cotangents[line]
        if buffers and line in buffers:
            buffer = buffers.pop(line)
            cotangents[line] = dy = buffer if dy is None else dy + buffer
        step = tape[line]
        if dy is None or len(step) == 3:
            continue
        cotangents[line] = None
        for source, back in zip(step[3::2], step[4::2], strict=True):
            if type(back) is Scatter:
                if source not in buffers:
                    buffers[source] = back.buffer()
                back.add(buffers[source], dy)
                continue
            d = back(dy)
            shape, dtype = tape[source][:2]
            if d.shape != shape:
                d = unbroadcast(d, shape, step[2])
            if d.dtype != dtype:
                d = d.astype(dtype)
            total = cotangents[source]
            cotangents[source] = d if total is None else total + d


def unbroadcast(d: Array, shape: tuple[int, ...], fn: Any) -> Array:
    """Sum `d` over the axes along which an array of `shape` was broadcast.

    Raises: ShapeError if `shape` does not broadcast to the shape of `d`; `fn` is the function whose rule made it.
    """
    new = d.ndim - len(shape)
    if new < 0 or any(n not in (1, m) for n, m in zip(shape, d.shape[new:], strict=True)):
        name = name_of(fn)
        raise ShapeError(f"the rule of {name!r} gave a cotangent of shape {d.shape} for an argument of shape {shape}.")
    ones = [new + i for i, n in enumerate(shape) if n == 1 and d.shape[new + i] != 1]
    return d.sum((*range(new), *ones)).reshape(shape)


def _own(d: Array | None, arg: Array, taken: set[int]) -> Array:
    """`d` as an array of its own, which the caller may keep and write to."""
    if d is None:
        d = np.zeros_like(arg)
    if isinstance(arg, np.generic):
        return d[()]
    if isinstance(d, np.generic):  # NumPy makes scalars of 0-d arrays
        return np.full_like(arg, d)
    flags = getattr(d, "flags", None)
    if id(d) in taken or flags is None or not flags.owndata:
        d = d.copy()
    taken.add(id(d))
    return d
