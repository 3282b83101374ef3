"""The table of derivatives: what stands in it, and the decorators that fill it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from typing import Any, TypeVar

import numpy as np

from kexp.autodiff.tracer import TABLE, Array, NoDerivativeError, Tracer, TracingError, in_place, name_of, stop_gradient

Maker = TypeVar("Maker", bound=Callable[..., Any])
_NONE: Mapping[str, Any] = {}
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


def _holds_tracer(x: Any) -> bool:
    return type(x) is Tracer or (type(x) in (list, tuple) and Tracer in map(type, x))


def _apply_constant(fn: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    return fn(*map(_plain, args), **{name: _plain(value) for name, value in kwargs.items()})


class Entry:
    """A line of the table, with the names of the parameters that it knows."""

    def __init__(self, make: Callable[..., Any], skip: int = 0) -> None:
        self.signature = signature(make)
        parameters = list(self.signature.parameters.values())[skip:]
        self.make = make
        self.names = tuple(parameter.name for parameter in parameters)
        self.open = any(p.kind is p.VAR_KEYWORD for p in parameters)
        places = [i for i, p in enumerate(parameters) if p.name == "out" and p.kind is p.POSITIONAL_OR_KEYWORD]
        self.out = places[0] if places else None

    def check(self, fn: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Refuse an `out` given by its place, and options that the line does not know."""
        if self.out is not None and self.out < len(args) and args[self.out] is not None:
            raise in_place(f"{name_of(fn)}(..., out=...), or an operator like +=,")
        for name in kwargs:
            if name not in self.names and not self.open:
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
        options: Mapping[str, Any] = _NONE
        if kwargs or self.out is not None:
            args, kwargs, options = self._sorted(fn, args, kwargs)
        plain: list[Any] = []
        count, nested = 0, False
        for arg in args:
            kind = type(arg)
            if kind is Tracer:
                count += 1
                plain.append(arg.value)
            elif (kind is list or kind is tuple) and Tracer in map(type, arg):
                nested = True
                # Deeper lists stay as they are: NumPy then asks the tracer for an array, and is refused.
                plain.append([stop_gradient(item) for item in arg])
            else:
                plain.append(arg)
        y = fn(*plain, **kwargs, **options)
        backs = self.make(y, *plain, **kwargs)
        if nested:
            args, backs = self._flat(fn, args, backs)
            count = len(args)
        return self._note(fn, y, args, backs, count)

    def _sorted(
        self, fn: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], Mapping[str, Any], Mapping[str, Any]]:
        """The arguments, the keyword arguments, and those among them that concern the function but not its rule."""
        options: Mapping[str, Any] = _NONE
        if isinstance(fn, np.ufunc):
            options = {name: value for name, value in kwargs.items() if name in _UFUNC_OPTIONS}
            kwargs = {name: value for name, value in kwargs.items() if name not in _UFUNC_OPTIONS}
        self.check(fn, args, kwargs)
        if any(_holds_tracer(value) for value in kwargs.values()):
            bound = self.signature.bind(None, *args, **kwargs)  # what may stand by its place shall do so
            args, kwargs = bound.args[1:], bound.kwargs
            for name, value in kwargs.items():
                if _holds_tracer(value):
                    raise NoDerivativeError(fn, f" by its argument {name!r}")
        return args, kwargs, options

    def _flat(self, fn: Any, args: tuple[Any, ...], backs: Sequence[Any]) -> tuple[tuple[Tracer, ...], tuple[Any, ...]]:
        """The traced arrays, also those in sequences, and the pullback of each."""
        pairs: list[tuple[Tracer, Any]] = []
        for place, arg in enumerate(args):
            if _holds_tracer(arg):
                back = backs[place] if place < len(backs) else self._refuse(fn, place)
                each = [(arg, back)] if type(arg) is Tracer else zip(arg, back, strict=True)
                pairs += [pair for pair in each if type(pair[0]) is Tracer]
        return tuple(tracer for tracer, _ in pairs), tuple(back for _, back in pairs)

    def _refuse(self, fn: Any, place: int) -> Any:
        raise NoDerivativeError(fn, f" by its argument {self.names[min(place, len(self.names) - 1)]!r}")

    def _note(self, fn: Any, y: Array, args: Sequence[Any], backs: Sequence[Any], count: int) -> Any:
        """Put the step on the tape of its `count` traced arguments."""
        shape, dtype = y.shape, y.dtype
        if dtype.kind in "biu":
            return y
        line = [shape, dtype, fn]
        tape: Any = None
        for arg, back in zip(args, backs, strict=False):
            if type(arg) is Tracer:
                if tape is None:
                    tape = arg.tape
                elif arg.tape is not tape:
                    raise TracingError(
                        "arrays of two vjp calls met in one expression; vjp inside vjp is not supported."
                    )
                count -= 1
                if back is not None:
                    line += (arg.index, back)
        if count:
            self._refuse(fn, next(i for i, arg in enumerate(args) if i >= len(backs) and type(arg) is Tracer))
        if dtype.kind == "c":
            raise TracingError(f"{name_of(fn)!r} gave complex numbers; vjp differentiates real ones only.")
        if len(line) == 3:
            return y
        tape.append(line)
        return Tracer(y, tape, len(tape) - 1)
