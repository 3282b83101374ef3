"""The table of derivatives: what stands in it, and the decorators that fill it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, TypeVar

import numpy as np

from kexp.autodiff.tracer import TABLE, Array, Back, NoDerivativeError, Tracer, TracingError, in_place, name_of

Maker = TypeVar("Maker", bound=Callable[..., Any])
Place = tuple[Tracer, int, int | None]  # a traced array, its place among the arguments, its place in a sequence there
_UFUNC_OPTIONS = frozenset(("dtype", "casting", "order", "subok"))  # the engine casts, so rules need not see them


def rule(*fns: Any) -> Callable[[Maker], Maker]:
    """Register the derivative of `fns`: functions, or names for ufuncs of libraries that are not imported here.

    The decorated function is called as `(y, *args, **kwargs)`, with what `fn` gave and what it got, all plain
    arrays. It returns a function of the cotangent `dy` for each positional argument, or None where the derivative
    is zero; for an argument that is a sequence of arrays it returns a list of them. The engine sums a cotangent
    of broadcast shape to its argument's shape, and casts it to its argument's dtype. Neither `dy` nor an argument
    may be written to. A later rule for the same function replaces the earlier one.

    >>> from kexp.autodiff import vjp
    >>> @rule(np.sinc)
    ... def _(y, x):
    ...     return (lambda dy: dy * (np.cos(np.pi * x) - y) / x,)
    >>> y, pullback = vjp(np.sinc, np.array([0.5, 1.0]))
    >>> pullback(np.ones(2))[0].round(3)
    array([-1.273, -1.   ])
    """
    return lambda make: _register(make, fns, Rule(make, skip=1))


def composite(*fns: Any) -> Callable[[Maker], Maker]:
    """Register a function that does the same as `fns` by functions that have rules; it is handed traced arrays."""
    return lambda make: _register(make, fns, Composite(make))


def constant(*fns: Any) -> None:
    """Register functions whose derivative is zero, or whose result is not made of floats."""
    TABLE.update(dict.fromkeys(fns, _apply_constant))


def _register(make: Maker, fns: tuple[Any, ...], handler: Entry) -> Maker:
    TABLE.update(dict.fromkeys(fns, handler))
    return make


def _plain(x: Any) -> Any:
    kind = type(x)
    if kind is Tracer:
        return x.value
    return kind(map(_plain, x)) if kind is list or kind is tuple else x


def _apply_constant(fn: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    if kwargs.get("out") is not None:
        raise in_place(f"{name_of(fn)}(..., out=...)")
    return fn(*map(_plain, args), **{name: _plain(value) for name, value in kwargs.items()})


class Entry:
    """A line of the table, with the names of the parameters that it knows."""

    def __init__(self, make: Callable[..., Any], skip: int = 0) -> None:
        self.make = make
        self.names = tuple(signature(make).parameters)[skip:]
        self.out = self.names.index("out") if "out" in self.names else None

    def check(self, fn: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Refuse `out`, and the options that the line does not know."""
        positional = self.out is not None and self.out < len(args) and args[self.out] is not None
        if positional or kwargs.get("out") is not None:
            raise in_place(f"{name_of(fn)}(..., out=...)")
        for name in kwargs:
            if name not in self.names and name != "out":
                raise NoDerivativeError(fn, f" with {name}=")


class Composite(Entry):
    """A function that is written out in functions that have rules."""

    def __call__(self, fn: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """The result, traced."""
        self.check(fn, args, kwargs)
        return self.make(*args, **kwargs)


class Rule(Entry):
    """A function with a derivative: applied to the plain values, and noted on the tape."""

    def __call__(self, fn: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """The result: traced, or plain if its derivative is zero."""
        plain: list[Any] = []
        traced: list[Place] = []
        for place, arg in enumerate(args):
            kind = type(arg)
            if kind is Tracer:
                traced.append((arg, place, None))
                arg = arg.value
            elif kind is list or kind is tuple:
                # Deeper lists stay as they are: NumPy then asks the tracer for an array, and is refused.
                traced += [(item, place, i) for i, item in enumerate(arg) if type(item) is Tracer]
                arg = kind([item.value if type(item) is Tracer else item for item in arg])
            plain.append(arg)
        if not kwargs and self.out is None:
            y = fn(*plain)
            return self._note(fn, y, self.make(y, *plain), traced)
        options: Mapping[str, Any] = {}
        if isinstance(fn, np.ufunc):
            options = {name: kwargs[name] for name in kwargs if name in _UFUNC_OPTIONS}
            kwargs = {name: kwargs[name] for name in kwargs if name not in options}
        self.check(fn, args, kwargs)
        traced += [(value, self.names.index(name), None) for name, value in kwargs.items() if type(value) is Tracer]
        kwargs = {name: _plain(value) for name, value in kwargs.items()}
        y = fn(*plain, **kwargs, **options)
        return self._note(fn, y, self.make(y, *plain, **kwargs), traced)

    def _note(self, fn: Any, y: Array, backs: Sequence[Any], traced: Sequence[Place]) -> Any:
        kind = y.dtype.kind
        if kind in "biu":
            return y
        if kind == "c":
            raise TracingError(f"{name_of(fn)!r} gave complex numbers; vjp differentiates real ones only.")
        tape = traced[0][0].tape
        sources: list[tuple[int, Back]] = []
        for tracer, place, item in traced:
            if tracer.tape is not tape:
                raise TracingError("arrays of two vjp calls met in one expression; vjp inside vjp is not supported.")
            if place >= len(backs):
                raise NoDerivativeError(fn, f" by its argument {self.names[place]!r}")
            back = backs[place]
            if item is not None and back is not None:
                back = back[item]
            if back is not None:
                sources.append((tracer.index, back))
        if not sources:
            return y
        tape.append((y.shape, y.dtype, sources, name_of(fn)))
        return Tracer(y, tape, len(tape) - 1)
