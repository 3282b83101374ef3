"""Calls of every kernel, which any version of them must answer as the reference does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.backend.kernels import BLOCK, FLUSH_EVERY
from kexp.testing.arrays import Host

SIZES = (1, 7, BLOCK + 3)


@dataclass(frozen=True)
class Call:
    """One call: arguments by name, the arrays it changes, and those it may use as work space.

    `exact`: even rounding must be that of the reference.
    """

    arguments: dict[str, Any]
    writes: tuple[str, ...] = ()
    scratch: tuple[str, ...] = ()
    exact: bool = False

    def __str__(self) -> str:
        shown = [f"{name}={value if np.ndim(value) == 0 else value.shape}" for name, value in self.arguments.items()]
        return ", ".join(shown)


Calls = Iterator[Call]


def _vectors(n: int, dtype: str, *names: str) -> dict[str, Host]:
    rng = np.random.default_rng(n)
    return {name: np.asarray(rng.standard_normal(n), dtype=dtype) for name in names}


def _squares(n: int, dtype: str, *names: str) -> dict[str, Host]:
    rng = np.random.default_rng(n + 1)
    return {name: np.asarray(rng.uniform(0.5, 2.0, n), dtype=dtype) for name in names}


def _affine(dtype: str) -> Calls:
    rng = np.random.default_rng(0)
    x, kernel, bias, out = (rng.standard_normal(shape).astype(dtype) for shape in ((5, 3), (3, 4), (4,), (5, 4)))
    for given in (bias, None):
        yield Call({"x": x, "kernel": kernel, "bias": given})
        yield Call({"x": x, "kernel": kernel, "bias": given, "out": out}, writes=("out",))


def _sum_rows(dtype: str) -> Calls:
    x = np.random.default_rng(0).standard_normal((5, 4)).astype(dtype)
    yield Call({"x": x})
    yield Call({"x": x, "out": np.zeros(4, dtype)}, writes=("out",))


def _flush_tiny(dtype: str) -> Calls:
    tiny = float(np.finfo(dtype).tiny)
    for n in SIZES:
        state = _vectors(n, dtype, "state")["state"]
        state[::2] = tiny * 4
        for step in (1, FLUSH_EVERY):
            yield Call({"state": state, "step": step}, writes=("state",), exact=True)


def _sgd(dtype: str) -> Calls:
    for n in SIZES:
        yield Call({**_vectors(n, dtype, "w", "g"), "lr": 0.1}, writes=("w",), scratch=("g",))


def _momentum(dtype: str) -> Calls:
    for n in SIZES:
        for nesterov in (False, True):
            numbers = {"lr": 0.1, "momentum": 0.9, "nesterov": nesterov}
            yield Call({**_vectors(n, dtype, "w", "g", "v"), **numbers}, writes=("w", "v"), scratch=("g",))


def _adam(dtype: str) -> Calls:
    numbers = {"alpha": 0.01, "beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-7}
    for n in SIZES:
        vectors = {**_vectors(n, dtype, "w", "g", "m"), **_squares(n, dtype, "v", "vhat")}
        yield Call({**vectors, **numbers}, writes=("w", "m", "v", "vhat"), scratch=("g",))
        yield Call({**vectors, "vhat": None, **numbers}, writes=("w", "m", "v"), scratch=("g",))


def _rmsprop(dtype: str) -> Calls:
    numbers = {"lr": 0.01, "rho": 0.9, "momentum": 0.5, "epsilon": 1e-7}
    for n in SIZES:
        vectors = {**_vectors(n, dtype, "w", "g", "momentum_v"), **_squares(n, dtype, "v", "average")}
        vectors["v"] += vectors["average"] ** 2  # a mean of squares is above the square of the mean
        for absent in ((), ("average",), ("momentum_v",), ("momentum_v", "average")):
            writes = tuple(name for name in ("w", "v", "momentum_v", "average") if name not in absent)
            yield Call({**vectors, **dict.fromkeys(absent), **numbers}, writes=writes, scratch=("g",))


CALLS: dict[str, Callable[[str], Calls]] = {
    "affine": _affine,
    "sum_rows": _sum_rows,
    "flush_tiny": _flush_tiny,
    "sgd": _sgd,
    "momentum": _momentum,
    "adam": _adam,
    "rmsprop": _rmsprop,
}
"""Kernel -> its calls with arrays of a dtype. A kernel of the reference that is missing here fails check_kernels."""
