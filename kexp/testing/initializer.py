"""check_initializer: the contract of initializers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from kexp.core.initializer import Initializer
from kexp.testing.arrays import Host, require_close, require_finite
from kexp.testing.config import require_round_trip
from kexp.testing.layer_case import floatx
from kexp.testing.report import Subject, run_checks

SHAPES = ((7,), (6, 5), (3, 3, 4, 5))


@dataclass(frozen=True)
class InitializerCase:
    """An initializer under test."""

    make: Callable[[], Initializer]
    shapes: Sequence[tuple[int, ...]]
    subject: Subject

    def sample(self, initializer: Initializer, shape: tuple[int, ...], seed: int = 0) -> Host:
        """Start values drawn from a new stream."""
        with self.subject.at(f"shape {shape}").running():
            return initializer.sample(shape, np.random.default_rng(seed))


def check_form(case: InitializerCase) -> None:
    """`sample` gives finite float64 values of the shape, on the host."""
    for shape in case.shapes:
        values, subject = case.sample(case.make(), shape), case.subject.at(f"shape {shape}")
        subject.require(isinstance(values, np.ndarray), f"sample gives a {type(values).__name__}, not a NumPy array")
        subject.require(values.shape == shape, f"sample gives the shape {values.shape}")
        subject.require(values.dtype == np.float64, f"sample gives {values.dtype}, not float64")
        require_finite(subject, values)


def check_stream(case: InitializerCase) -> None:
    """The stream alone decides: the same stream gives the same values, whatever was drawn before."""
    for shape in case.shapes:
        one, subject = case.make(), case.subject.at(f"shape {shape}")
        want = case.sample(one, shape)
        require_close(subject.at("same stream twice"), case.sample(one, shape), want, 0.0)
        require_close(subject.at("second object, same stream"), case.sample(case.make(), shape), want, 0.0)


def check_call(case: InitializerCase) -> None:
    """Called by hand it gives an array of the dtype asked for, else of floatx."""
    for usual, other in (("float32", "float64"), ("float64", "float32")):
        for shape in case.shapes:
            with floatx(usual), case.subject.at(f"shape {shape}").running():
                found = {usual: case.make()(shape), other: case.make()(shape, dtype=other)}
            for dtype, values in found.items():
                said = f"called with floatx {usual}, it gives {values.dtype} {values.shape} where {dtype} is wanted"
                case.subject.at(f"shape {shape}").require(values.dtype == dtype and values.shape == shape, said)


def check_config(case: InitializerCase) -> None:
    """get_config survives JSON and makes an initializer that gives the same values."""

    def same(subject: Subject, twin: Initializer) -> None:
        for shape in case.shapes:
            want = case.sample(case.make(), shape)
            require_close(subject.at(f"shape {shape}"), case.sample(twin, shape), want, 0.0)

    require_round_trip(case.subject, case.make(), same)


CHECKS: dict[str, Callable[[InitializerCase], None]] = {
    "form": check_form,
    "stream": check_stream,
    "call": check_call,
    "config": check_config,
}
"""The checks of check_initializer, by the names that `skip` takes."""


def check_initializer(
    make: Callable[[], Initializer], shapes: Sequence[tuple[int, ...]] = SHAPES, *, skip: Collection[str] = ()
) -> None:
    """Fail unless the initializers that `make` gives keep the contract for weights of these shapes.

    Raises: AssertionError that names the class and what differs.
    """
    with Subject("the initializer's maker").running():
        subject = Subject(type(make()).__name__)
    run_checks("initializers", CHECKS, InitializerCase(make, shapes, subject), skip)
