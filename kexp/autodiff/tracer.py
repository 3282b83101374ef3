"""Traced arrays: they carry a plain value and note every function applied to them on a tape."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from kexp.errors import KexpError

Array = Any  # numpy, cupy, or any class with __array_ufunc__ and __array_function__
# A line for each input of vjp and for each step: shape and dtype of its value, the function, and then, for each
# traced argument, its line and its pullback. Flat, because the garbage collector has to visit whatever is in there.
Tape = list[list[Any]]
Handler = Callable[[Any, tuple[Any, ...], Mapping[str, Any]], Any]

TABLE: dict[Any, Handler] = {}  # function -> what to do when it meets a traced array; filled by kexp.autodiff.rules
_NOTHING: Mapping[str, Any] = {}
_CREATORS: frozenset[Any] = frozenset(
    (np.arange, np.array, np.asarray, np.empty, np.eye, np.full, np.identity, np.ones, np.tri, np.zeros)
)


class NoDerivativeError(KexpError, NotImplementedError):
    """A traced array met a function, or an option of one, that the table of derivatives does not know."""

    def __init__(self, fn: Any, option: str = "") -> None:
        super().__init__(
            f"no derivative is written for {name_of(fn) + option!r}. Add one with @rule({_path_of(fn)}), "
            "or give the layer its own pullback."
        )


class TracingError(KexpError, TypeError):
    """The function given to vjp does something with an array that cannot be traced."""


class Tracer(NDArrayOperatorsMixin):
    """An array on its way through `vjp`: its plain value, and the line of the tape that tells how it was made.

    It is no ndarray: NumPy's functions and operators reach it by dispatch, and everything else is refused,
    because it would lose the derivative. Comparisons and integer results (`x > 0`, `argmax`) are plain arrays.
    """

    __slots__ = ("index", "tape", "value")

    def __init__(self, value: Array, tape: Tape, index: int) -> None:
        self.value = value
        self.tape = tape
        self.index = index

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__":
            return apply(ufunc, inputs, kwargs)
        return _apply_ufunc_method(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if func in _CREATORS:  # np.arange(n, like=x): a constant on x's device
            like = {} if isinstance(self.value, np.generic) else {"like": self.value}
            return func(*args, **kwargs, **like)
        return apply(func, args, kwargs)

    def __getitem__(self, index: Any) -> Any:
        return apply(operator.getitem, (self, index))

    def __setitem__(self, index: Any, value: Any) -> None:
        raise in_place("x[index] = value")

    def __pow__(self, other: Any) -> Any:
        return apply(operator.pow, (self, other))  # not np.power: x ** 2 is faster, and may differ in the last bit

    def __rpow__(self, other: Any) -> Any:
        return apply(operator.pow, (other, self))

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        raise _leaving("float()")

    def __int__(self) -> int:
        raise _leaving("int()")

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise _leaving("np.asarray, np.array or storing into a plain array")

    def __repr__(self) -> str:
        return f"Tracer({self.value!r})"

    def __getattr__(self, name: str) -> Any:
        # Dunders above all: were __array_interface__ found on the value, NumPy would copy it without a word.
        raise AttributeError(f"a traced array has no attribute {name!r}; use a NumPy function or an operator instead.")


def apply(fn: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any] = _NOTHING) -> Any:
    """Call `fn` on arguments that hold a traced array.

    Raises: NoDerivativeError if the table does not know `fn`; TracingError if `out` is given.
    """
    if "out" in kwargs:
        if kwargs["out"] is not None:
            raise in_place(f"{name_of(fn)}(..., out=...), or an operator like +=,")
        kwargs = {name: value for name, value in kwargs.items() if name != "out"}
    handler = TABLE.get(fn)
    if handler is None:
        handler = TABLE.get(fn.__name__) if isinstance(fn, np.ufunc) else None
        if handler is None:
            raise NoDerivativeError(fn)
    return handler(fn, args, kwargs)


def stop_gradient(x: Array) -> Array:
    """The plain value of a traced array, a constant from here on; anything else is returned as it is.

    >>> from kexp.autodiff import vjp
    >>> y, pullback = vjp(lambda x: x * stop_gradient(x), np.array([3.0]))
    >>> pullback(np.array([1.0]))
    (array([3.]),)
    """
    return x.value if type(x) is Tracer else x


def in_place(what: str) -> TracingError:
    """The error for code that writes into an array; `what` is the code."""
    return TracingError(
        f"{what} changes an array in place, and that cannot be traced. "
        "Build a new array: x = x + y, np.where(...) or np.concatenate(...)."
    )


def name_of(fn: Any) -> str:
    """The name a user knows a function by."""
    return str(getattr(fn, "__name__", fn))


def _leaving(what: str) -> TracingError:
    return TracingError(
        f"{what} on a traced array would lose its derivative. Use NumPy functions and operators on the array itself "
        "(np.stack for np.array([...])), or take its plain value with kexp.autodiff.stop_gradient(x)."
    )


def _path_of(fn: Any) -> str:
    name, module = name_of(fn), getattr(fn, "__module__", None) or ""
    if getattr(np, name, None) is fn:
        return f"np.{name}"
    return f"np{module.removeprefix('numpy')}.{name}" if module.startswith("numpy.") else name


_REDUCTIONS: dict[tuple[Any, str], Any] = {
    (np.add, "reduce"): np.sum,
    (np.add, "accumulate"): np.cumsum,
    (np.multiply, "reduce"): np.prod,
    (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min,
    (np.logical_and, "reduce"): np.all,
    (np.logical_or, "reduce"): np.any,
}


def _apply_ufunc_method(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    if method == "at":
        raise in_place(f"np.{ufunc.__name__}.at")
    if method == "outer" and not kwargs:
        a, b = inputs
        return ufunc(a[(..., *[None] * np.ndim(b))] if np.ndim(b) else a, b)
    if (ufunc, method) in _REDUCTIONS:  # NumPy has put everything but the array into kwargs
        return apply(_REDUCTIONS[ufunc, method], inputs, {"axis": 0, **kwargs})
    raise NoDerivativeError(ufunc, f".{method}")


def astype(x: Array, dtype: Any, **options: Any) -> Array:
    """`x.astype(...)` as a function, so that it can stand in the table."""
    return x.astype(dtype, **options)


def _shape_method(fn: Any) -> Any:
    """A method that takes a shape, or axes, as a tuple or one by one."""

    def method(self: Tracer, *shape: Any, **kwargs: Any) -> Any:
        return apply(fn, (self, shape[0] if len(shape) == 1 else shape or None), kwargs)

    return method


def _method(fn: Any) -> Any:
    def method(self: Tracer, *args: Any, **kwargs: Any) -> Any:
        return apply(fn, (self, *args), kwargs)

    return method


def _refused(error: Callable[[str], TracingError], what: str) -> Any:
    def method(self: Tracer, *args: Any, **kwargs: Any) -> Any:
        raise error(what)

    return method


def _plain_attribute(name: str) -> Any:
    get = operator.attrgetter(name)
    return property(lambda self: get(self.value))


_SAME_NAME = (
    *(np.all, np.any, np.argmax, np.argmin, np.argpartition, np.argsort, np.clip, np.copy, np.cumsum, np.diagonal),
    *(np.dot, np.max, np.mean, np.min, np.nonzero, np.prod, np.ravel, np.repeat, np.round, np.searchsorted),
    *(np.squeeze, np.std, np.sum, np.swapaxes, np.take, np.trace, np.var),
)
_MEMBERS = {
    **{name_of(fn): _method(fn) for fn in _SAME_NAME},
    **{name: _plain_attribute(name) for name in ("shape", "ndim", "dtype", "size", "nbytes", "itemsize", "device")},
    **{name: _refused(_leaving, f".{name}()") for name in ("item", "tolist", "tobytes")},
    **{name: _refused(in_place, f".{name}()") for name in ("fill", "itemset", "partition", "put", "resize", "sort")},
    "T": property(lambda self: apply(np.transpose, (self,))),
    "mT": property(lambda self: apply(np.matrix_transpose, (self,))),
    "astype": _method(astype),
    "flatten": _method(np.ravel),
    "reshape": _shape_method(np.reshape),
    "transpose": _shape_method(np.transpose),
}
for _name, _member in _MEMBERS.items():
    setattr(Tracer, _name, _member)
