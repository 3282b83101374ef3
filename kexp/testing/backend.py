"""check_backend: the contract of array backends."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.backend import Array, Backend
from kexp.testing.kernels import check_kernels
from kexp.testing.report import Subject, run_checks


@dataclass(frozen=True)
class BackendCase:
    """A backend under test."""

    backend: Backend
    subject: Subject

    def array(self, dtype: str = "float32") -> Array:
        """Numbers on the device."""
        with self.subject.at("asarray").running():
            return self.backend.asarray(np.arange(6).reshape(2, 3).astype(dtype))


def check_form(case: BackendCase) -> None:
    """It has a name, and describes itself and its library in words."""
    name = case.backend.name
    case.subject.require(isinstance(name, str) and bool(name), f"name is {name!r}")
    with case.subject.at("describe").running():
        said = case.backend.describe()
    plain = all(isinstance(key, str) and isinstance(value, str) for key, value in said.items())
    case.subject.require(plain and said.get("backend") == name, f"describe gives {said}")


def check_transfer(case: BackendCase) -> None:
    """Data go in and come out as they were; asarray casts where asked, and leaves device arrays where they are."""
    for dtype in ("float32", "float64", "int64", "uint8", "bool"):
        before, subject = np.arange(6).reshape(2, 3).astype(dtype), case.subject.at(dtype)
        with subject.running():
            after = case.backend.to_host(case.array(dtype))
            cast = case.backend.asarray(before, dtype="float32")
            again = case.backend.asarray(case.array(dtype))
        subject.require(type(after) is np.ndarray, f"to_host gives a {type(after).__name__}, not a NumPy array")
        same = after.dtype == before.dtype and np.array_equal(after, before)
        subject.require(same, f"to_host(asarray(x)) gives {after.tolist()} {after.dtype}")
        subject.require(cast.dtype == np.float32, f"asarray(x, dtype='float32') gives {cast.dtype}")
        subject.require(type(again) is type(case.array()), f"asarray of a device array gives a {type(again).__name__}")


def check_dispatch(case: BackendCase) -> None:
    """NumPy's functions and operators reach the device's arrays, and give such arrays."""
    x = case.array()
    calls: dict[str, Callable[[], Any]] = {
        "x * 2 + x": lambda: x * 2 + x,
        "x.sum(0)": lambda: x.sum(0),
        "x.dot(x.T)": lambda: x.dot(x.T),
        "x[:, 1:]": lambda: x[:, 1:],
        "np.exp(x)": lambda: np.exp(x),
        "np.multiply(x, x, out=x * 1)": lambda: np.multiply(x, x, out=x * 1),
        "np.add.reduce(x, axis=0)": lambda: np.add.reduce(x, axis=0),
        "np.where(x > 1, x, 0.0)": lambda: np.where(x > 1, x, 0.0),
        "np.concatenate([x, x])": lambda: np.concatenate([x, x]),
        "np.zeros_like(x)": lambda: np.zeros_like(x),
        "np.full_like(x, 2.0, shape=())": lambda: np.full_like(x, 2.0, shape=()),
        "xp.empty((2, 3), dtype=x.dtype)": lambda: case.backend.xp.empty((2, 3), dtype=x.dtype),
        "xp.zeros((2, 3), dtype=x.dtype)": lambda: case.backend.xp.zeros((2, 3), dtype=x.dtype),
    }
    for text, call in calls.items():
        with case.subject.at(text).running():
            result = call()
        case.subject.at(text).require(type(result) is type(x), f"gives a {type(result).__name__}")
        case.subject.at(text).require(result.dtype == x.dtype, f"gives {result.dtype} for {x.dtype}")


def check_its_kernels(case: BackendCase) -> None:
    """Its kernels keep their own contract, on its device."""
    check_kernels(lambda: case.backend.kernels, backend=case.backend)


CHECKS: dict[str, Callable[[BackendCase], None]] = {
    "form": check_form,
    "transfer": check_transfer,
    "dispatch": check_dispatch,
    "kernels": check_its_kernels,
}
"""The checks of check_backend, by the names that `skip` takes."""


def check_backend(make: Callable[[], Backend], *, skip: Collection[str] = ()) -> None:
    """Fail unless the backend that `make` gives, and its kernels, keep their contracts.

    Raises: AssertionError that names the class and what differs; whatever `make` raises, such as
    BackendUnavailableError where a device is missing.
    """
    made = make()
    run_checks("backends", CHECKS, BackendCase(made, Subject(type(made).__name__)), skip)
