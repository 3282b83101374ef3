"""A stand-in for a GPU: arrays on the CPU that refuse to mix with host arrays, as CuPy's do.

Code that passes on it creates no host arrays on the way, converts nothing in silence and calls nothing that CuPy 13
lacks. It is exact, slow, and needs no GPU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from kexp.backend import Backend
from kexp.testing.cupy_surface import METHODS, MISSING_FUNCTIONS, MISSING_KEYWORDS, MISSING_UFUNCS, UFUNC_METHODS

Host = np.ndarray[Any, Any]
_SCALARS = (bool, int, float, complex, np.generic)


class FakeDeviceArray(NDArrayOperatorsMixin):
    """An array on the stand-in device; `FakeDeviceArray(values)` copies host values to it.

    >>> x = FakeDeviceArray([1.0, 2.0])
    >>> (x * 2).get()
    array([2., 4.])
    >>> x + np.ones(2)
    Traceback (most recent call last):
    TypeError: Unsupported type <class 'numpy.ndarray'>
    """

    __slots__ = ("_array",)
    __array_priority__ = 100
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, values: Any, dtype: Any = None) -> None:
        self._array: Host = np.array(values, dtype=dtype)

    # --- NumPy's protocols ----------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        allowed = UFUNC_METHODS.get(method)
        if ufunc.__name__ in MISSING_UFUNCS or any(map(_goes_first, inputs)):
            return NotImplemented
        if allowed is not None and ufunc.__name__ not in allowed:
            raise NotImplementedError(f"`cupy_{ufunc.__name__}.{method}` is not supported yet")
        opened = _Opened()
        takes_indices = method in ("at", "reduceat")
        arguments = [
            opened.index(x) if takes_indices and place == 1 else opened.operand(x) for place, x in enumerate(inputs)
        ]
        options = {key: opened.anything(value) for key, value in kwargs.items()}
        return opened.closed(getattr(ufunc, method)(*arguments, **options))

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
        if any(kind not in (FakeDeviceArray, np.ndarray) for kind in types):
            return NotImplemented
        name = ".".join([*func.__module__.split(".")[1:], func.__name__])
        if name in MISSING_FUNCTIONS:
            return NotImplemented
        _refuse_keywords(name, kwargs)
        opened = _Opened()
        arguments = [opened.anything(value) for value in args]
        return opened.closed(func(*arguments, **{key: opened.anything(value) for key, value in kwargs.items()}))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Host:
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    # --- what an array is -----------------------------------------------------------------------------------

    shape = property(lambda self: self._array.shape)
    dtype = property(lambda self: self._array.dtype)
    ndim = property(lambda self: self._array.ndim)
    size = property(lambda self: self._array.size)
    nbytes = property(lambda self: self._array.nbytes)
    itemsize = property(lambda self: self._array.itemsize)
    strides = property(lambda self: self._array.strides)
    T = property(lambda self: _device(self._array.T))
    real = property(lambda self: _device(self._array.real))
    imag = property(lambda self: _device(self._array.imag))

    @property
    def flags(self) -> SimpleNamespace:
        """Memory layout; there is no `writeable`, as on the GPU."""
        own = self._array.flags
        return SimpleNamespace(c_contiguous=own.c_contiguous, f_contiguous=own.f_contiguous, owndata=own.owndata)

    def get(self) -> Host:
        """A copy on the host: the only way out."""
        return self._array.copy()

    def __getattr__(self, name: str) -> Any:
        # nothing else, dunders above all: by __array_interface__ NumPy would copy the array in silence
        if name not in METHODS:
            raise AttributeError(f"'FakeDeviceArray' object has no attribute {name!r}")
        method = getattr(self._array, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            if name != "clip":
                _refuse_keywords(name, kwargs)
            opened = _Opened(self)
            arguments = [opened.anything(value) for value in args]
            result = method(*arguments, **{key: opened.anything(value) for key, value in kwargs.items()})
            return result if name in ("item", "tolist", "tobytes") else opened.closed(result)

        return call

    # --- elements -------------------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> FakeDeviceArray:
        return _device(self._array[_Opened().index(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        opened = _Opened()
        self._array[opened.index(key)] = opened.operand(value)

    def __len__(self) -> int:
        return len(self._array)

    def __iter__(self) -> Iterator[FakeDeviceArray]:
        return (self[index] for index in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self._array)

    def __float__(self) -> float:
        return float(self._single())

    def __int__(self) -> int:
        return int(self._single())

    def __complex__(self) -> complex:
        return complex(self._single())

    def __repr__(self) -> str:
        return f"FakeDeviceArray({np.array2string(self._array, separator=', ')}, dtype={self.dtype})"

    def _single(self) -> Any:
        if self.size != 1:
            raise TypeError("only length-1 arrays can be converted to Python scalars")
        return self._array.item()


class _Opened:
    """Takes device arrays out of the arguments of one call, and puts them around its results."""

    def __init__(self, *known: FakeDeviceArray) -> None:
        self.known = {id(array._array): array for array in known}

    def operand(self, value: Any) -> Any:
        """A device array's content, or a scalar; all else is refused."""
        if isinstance(value, FakeDeviceArray):
            self.known[id(value._array)] = value
            return value._array
        if isinstance(value, _SCALARS):
            return value
        raise TypeError(f"Unsupported type {type(value)}")

    def index(self, value: Any) -> Any:
        """An index: device arrays, host numbers, slices and lists, but no host array."""
        if isinstance(value, tuple):
            return tuple(self.index(part) for part in value)
        if isinstance(value, slice | list | range) or value is None or value is Ellipsis:
            return value
        return self.operand(value)

    def anything(self, value: Any) -> Any:
        """An argument of any kind, with what is in it; a host array is refused."""
        if isinstance(value, np.ndarray):
            raise TypeError(f"Unsupported type {type(value)}")
        if isinstance(value, FakeDeviceArray):
            return self.operand(value)
        if isinstance(value, list | tuple):
            return type(value)(self.anything(part) for part in value)
        return value

    def closed(self, value: Any) -> Any:
        """A result: arrays and NumPy numbers as device arrays; an argument that comes back, as itself."""
        if id(value) in self.known:
            return self.known[id(value)]
        if isinstance(value, np.ndarray | np.generic):
            return _device(value)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*map(self.closed, value))
        return type(value)(map(self.closed, value)) if isinstance(value, list | tuple) else value


def _goes_first(value: Any) -> bool:
    """Whether another library's array, or a tracer, is to answer for the ufunc."""
    ours = isinstance(value, (FakeDeviceArray, np.ndarray, *_SCALARS))
    return not ours and getattr(value, "__array_ufunc__", None) is not None


def _device(value: Any) -> FakeDeviceArray:
    array = FakeDeviceArray.__new__(FakeDeviceArray)
    array._array = np.asarray(value)  # a view stays a view
    return array


def _refuse_keywords(name: str, kwargs: Mapping[str, Any]) -> None:
    for keyword in kwargs:
        if keyword in MISSING_KEYWORDS.get(name, ()):
            raise TypeError(f"{name}() got an unexpected keyword argument {keyword!r}")


class FakeLibrary:
    """The stand-in device's array module: NumPy's names, arrays on the device."""

    __name__ = "fake_device"
    __version__ = np.__version__
    ndarray = FakeDeviceArray

    def asarray(self, values: Any, dtype: Any = None) -> FakeDeviceArray:
        """`values` on the device: the way in."""
        if isinstance(values, FakeDeviceArray):
            same = dtype is None or values.dtype == np.dtype(dtype)
            return values if same else cast(FakeDeviceArray, values.astype(dtype))
        return FakeDeviceArray(_Opened().anything(values) if isinstance(values, list | tuple) else values, dtype)

    def array(self, values: Any, dtype: Any = None) -> FakeDeviceArray:
        """A copy of `values` on the device."""
        made = self.asarray(values, dtype)
        return cast(FakeDeviceArray, made.copy()) if made is values else made

    def ascontiguousarray(self, values: Any, dtype: Any = None) -> FakeDeviceArray:
        """`values` on the device, in C order."""
        made = self.asarray(values, dtype)
        return made if made.flags.c_contiguous else cast(FakeDeviceArray, made.copy())

    def asnumpy(self, array: Any) -> Host:
        """`array` on the host."""
        return array.get() if isinstance(array, FakeDeviceArray) else np.asarray(array)

    def __getattr__(self, name: str) -> Any:
        value = getattr(np, name)
        if not callable(value) or isinstance(value, type | np.ufunc):
            return value
        if name in MISSING_FUNCTIONS:
            raise AttributeError(f"module 'cupy' has no attribute {name!r}")

        def call(*args: Any, **kwargs: Any) -> Any:
            opened = _Opened()
            for argument in (*args, *kwargs.values()):
                opened.anything(argument)
            result = value(*args, **kwargs)
            return result if isinstance(result, FakeDeviceArray) else opened.closed(result)

        return call


class FakeDevice(Backend):
    """The stand-in device as a backend: data enter by `asarray` and leave by `to_host`."""

    name = "fake_device"
    xp: Any = FakeLibrary()

    def to_host(self, array: Any) -> Host:
        host: Host = self.xp.asnumpy(array)
        return host
