"""Comparing arrays, of the host or of the stand-in device."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kexp.backend import Array, Backend
from kexp.testing.device import FakeDeviceArray
from kexp.testing.report import Subject

Host = np.ndarray[Any, Any]


def host(array: Array) -> Host:
    """A copy of `array` on the host."""
    return array.get() if isinstance(array, FakeDeviceArray) else np.array(array)


def is_float(array: Array) -> bool:
    """Whether it holds floating-point numbers, and so may have a derivative."""
    return bool(np.dtype(array.dtype).kind == "f")


def parts(value: Any) -> list[Array]:
    """The arrays of an output: itself, or those of a tuple or list."""
    return list(value) if isinstance(value, tuple | list) else [value]


def assembled(like: Any, values: Sequence[Array]) -> Any:
    """`values` in the form of the output `like`: one array, a tuple or a list."""
    return type(like)(values) if isinstance(like, tuple | list) else values[0]


def close(a: float, b: float, rtol: float, atol: float) -> bool:
    """Whether two numbers agree; NaN agrees with nothing."""
    return bool(abs(a - b) <= rtol * max(abs(a), abs(b)) + atol)


def require_close(subject: Subject, got: Array, want: Array, rtol: float = 1e-12) -> None:
    """Fail unless two arrays have the same shape and values; differences count against the largest value."""
    a, b = host(got), host(want)
    subject.require(a.shape == b.shape, f"shape {a.shape} instead of {b.shape}")
    if not a.size:
        return
    a, b = np.atleast_1d(a.astype(np.float64)), np.atleast_1d(b.astype(np.float64))
    scale = np.abs(b[np.isfinite(b)]).max(initial=1.0)
    with np.errstate(invalid="ignore"):
        wrong = ~((a == b) | (np.abs(a - b) <= rtol * scale) | (np.isnan(a) & np.isnan(b)))
    if wrong.any():
        place = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        where = ", ".join(str(int(index)) for index in place)
        subject.fail(f"{a[place]:.6g} instead of {b[place]:.6g} at [{where}] ({int(wrong.sum())} of {a.size} differ)")


def require_finite(subject: Subject, array: Array) -> None:
    """Fail if a value is NaN or infinite."""
    values = host(array)
    bad = int((~np.isfinite(values)).sum())
    subject.require(not bad, f"{bad} of {values.size} values are not finite")


class Untouched:
    """Remembers arrays bit for bit, to show later that nobody wrote into them."""

    def __init__(self, arrays: Iterable[tuple[str, Array | None]]) -> None:
        self.arrays = [(name, array, host(array).tobytes()) for name, array in arrays if array is not None]

    def require(self, subject: Subject, by: str) -> None:
        """Fail if one of them has changed."""
        for name, array, before in self.arrays:
            subject.require(host(array).tobytes() == before, f"{name} is changed by {by}")


def moved(backend: Backend | None, arrays: Iterable[Array | None]) -> list[Array | None]:
    """The arrays on the backend's device; as they are where no backend is given."""
    return [array if backend is None or array is None else backend.asarray(array) for array in arrays]
