"""What every line of the table is held to: finite differences, float32, purity, and a strict stand-in for a GPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.lib.mixins import NDArrayOperatorsMixin

from kexp.autodiff import vjp


class StrictArray(NDArrayOperatorsMixin):
    """A device array: never mixes with a host array, never becomes one, and reductions give 0-d arrays."""

    def __init__(self, host: np.ndarray) -> None:
        self.host = host

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        # As CuPy: other classes have their say, and `at` takes no tuple of indices.
        if not all(isinstance(x, (StrictArray, np.ndarray, np.generic, int, float)) for x in inputs):
            return NotImplemented
        return _wrap(getattr(ufunc, method)(*map(_unwrap, inputs), **{k: _unwrap(v) for k, v in kwargs.items()}))

    def __array_function__(self, func, types, args, kwargs):
        if not all(issubclass(kind, (StrictArray, np.ndarray)) for kind in types):
            return NotImplemented
        return _wrap(func(*map(_unwrap, args), **{k: _unwrap(v) for k, v in kwargs.items()}))

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")

    def __getitem__(self, index):
        return _wrap(self.host[_unwrap(index)])

    def __setitem__(self, index, value):
        self.host[_unwrap(index)] = _unwrap(value)

    def __len__(self):
        return len(self.host)

    def __bool__(self):
        return bool(self.host)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        member = getattr(self.host, name)
        if not callable(member):
            return _wrap(member)
        return lambda *args, **kwargs: _wrap(member(*map(_unwrap, args), **{k: _unwrap(v) for k, v in kwargs.items()}))


def _unwrap(x: Any) -> Any:
    if isinstance(x, np.ndarray):
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    if isinstance(x, StrictArray):
        return x.host
    return type(x)(map(_unwrap, x)) if isinstance(x, (list, tuple)) else x


def _wrap(x: Any) -> Any:
    if isinstance(x, (np.ndarray, np.generic)):
        return StrictArray(np.asarray(x))
    return type(x)(map(_wrap, x)) if isinstance(x, (list, tuple)) and any(isinstance(i, np.ndarray) for i in x) else x


@pytest.fixture
def strict() -> type[StrictArray]:
    return StrictArray


def _many(y: Any) -> tuple[Any, ...]:
    return tuple(y) if isinstance(y, (tuple, list)) else (y,)


def _is_float(x: Any) -> bool:
    return x.dtype.kind == "f"


def _like(y: Any, dys: list[Any]) -> Any:
    return dys if isinstance(y, (tuple, list)) else dys[0]


def check_derivative(call: Any, args: tuple[Any, ...]) -> None:
    """The pullback along a random direction, with a random cotangent, is what finite differences say."""
    rng = np.random.default_rng(7)
    y, pullback = vjp(call, *args)
    dys = [rng.standard_normal(np.shape(part)) for part in _many(y)]
    directions = [rng.standard_normal(arg.shape) if _is_float(arg) else np.zeros_like(arg) for arg in args]

    def along(step: float) -> float:
        moved = [arg + step * v if _is_float(arg) else arg for arg, v in zip(args, directions, strict=True)]
        return sum(float(np.sum(dy * part)) for dy, part in zip(dys, _many(call(*moved)), strict=True))

    dargs = pullback(_like(y, dys))
    numeric = (along(1e-6) - along(-1e-6)) / 2e-6
    exact = sum(float(np.sum(d * v)) for d, v in zip(dargs, directions, strict=True))
    np.testing.assert_allclose(exact, numeric, rtol=1e-6, atol=1e-7)


def check_value(call: Any, args: tuple[Any, ...]) -> None:
    """Tracing changes the value by no more than rounding, and no dtype."""
    y, _ = vjp(call, *args)
    plain = call(*args)
    assert len(_many(y)) == len(_many(plain))
    for got, expected in zip(_many(y), _many(plain), strict=True):
        assert np.asarray(got).dtype == np.asarray(expected).dtype
        np.testing.assert_allclose(got, expected, rtol=1e-6 if got.dtype == np.float32 else 1e-14, atol=0)


def check_pure(call: Any, args: tuple[Any, ...]) -> None:
    """Called twice, the pullback says the same, of the arguments' shapes and dtypes, and leaves everything alone."""
    before = [arg.copy() for arg in args]
    y, pullback = vjp(call, *args)
    dys = [np.ones_like(part) for part in _many(y)]
    first = pullback(_like(y, dys))
    kept = [d.copy() for d in first]
    for d in first:
        d[...] = 99  # the caller's own, even if it writes to it
    second = pullback(_like(y, dys))
    for arg, was, d, expected in zip(args, before, second, kept, strict=True):
        np.testing.assert_array_equal(arg, was)
        np.testing.assert_array_equal(d, expected)
        assert (d.shape, d.dtype) == (arg.shape, arg.dtype)
    assert all((dy == 1).all() for dy in dys)


def check_device(call: Any, args: tuple[Any, ...]) -> None:
    """On a device the arrays stay there, and the numbers are the host's."""
    y, pullback = vjp(call, *args)
    on_host = pullback(_like(y, [np.ones_like(part) for part in _many(y)]))
    y, pullback = vjp(call, *(StrictArray(arg) for arg in args))
    assert all(isinstance(part, StrictArray) for part in _many(y))
    on_device = pullback(_like(y, [np.ones_like(part) for part in _many(y)]))
    assert all(isinstance(d, StrictArray) for d in on_device)
    for d, expected in zip(on_device, on_host, strict=True):
        np.testing.assert_array_equal(d.host, expected)


@pytest.fixture
def check_case() -> Any:
    def check(call: Any, args: tuple[Any, ...]) -> None:
        single = tuple(arg.astype(np.float32) if _is_float(arg) else arg for arg in args)
        check_derivative(call, args)
        for these in (args, single):
            check_value(call, these)
            check_pure(call, these)
        check_device(call, args)

    return check


@pytest.fixture
def derivative_of() -> Any:
    return check_derivative


@pytest.fixture
def pullback_of() -> Any:
    return lambda fn, *args: vjp(fn, *args)[1]
