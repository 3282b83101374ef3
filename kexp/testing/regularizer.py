"""check_regularizer: the contract of regularizers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from kexp.core.regularizer import Regularizer
from kexp.testing.arrays import Host, Untouched, host, require_close, require_finite
from kexp.testing.config import require_round_trip
from kexp.testing.device import FakeDeviceArray
from kexp.testing.gradient import Along, compare
from kexp.testing.report import Subject, run_checks

SHAPES = ((7,), (6, 5), (3, 3, 4, 5))


@dataclass(frozen=True)
class RegularizerCase:
    """A regularizer under test."""

    regularizer: Regularizer
    shapes: Sequence[tuple[int, ...]]
    rtol: float
    subject: Subject

    def weight(self, shape: tuple[int, ...], draw: int = 0, dtype: str = "float64") -> Host:
        """A random weight."""
        return np.asarray(np.random.default_rng([1, draw]).standard_normal(shape), dtype=dtype)


def check_form(case: RegularizerCase) -> None:
    """The penalty is one number, the gradient an array like w, both of its dtype; w is left alone."""
    for dtype in ("float32", "float64"):
        for shape in case.shapes:
            w, subject = case.weight(shape, dtype=dtype), case.subject.at(f"shape {shape}", dtype)
            before = Untouched([("w", w)])
            with subject.running():
                penalty, gradient = case.regularizer(w), case.regularizer.gradient(w)
            before.require(subject, "the regularizer")
            for name, array, want in (("penalty", penalty, ()), ("gradient", gradient, shape)):
                subject.require(np.shape(array) == want, f"the {name} has the shape {np.shape(array)}, not {want}")
                subject.require(array.dtype == w.dtype, f"the {name} is {array.dtype}, not {w.dtype}")
            subject.require(not np.shares_memory(gradient, w), "the gradient shares memory with w")


def check_gradients(case: RegularizerCase) -> None:
    """The gradient is that of finite differences, in float64."""
    for shape in case.shapes:

        def draw(attempt: int, shape: tuple[int, ...] = shape) -> tuple[float, Along]:
            w = case.weight(shape, attempt)
            direction = np.random.default_rng([2, attempt]).standard_normal(shape)
            given = float((case.regularizer.gradient(w) * direction).sum())
            return given, lambda t: float(case.regularizer(w + t * direction))

        compare(case.subject.at(f"shape {shape}"), draw, case.rtol, name="gradient")


def check_zero(case: RegularizerCase) -> None:
    """At w = 0, where many weights start, penalty and gradient are finite."""
    for shape in case.shapes:
        w, subject = np.zeros(shape), case.subject.at(f"shape {shape}", "w=0")
        with np.errstate(all="ignore"), subject.running():
            found = {"penalty": case.regularizer(w), "gradient": case.regularizer.gradient(w)}
        for name, array in found.items():
            require_finite(subject.at(name), array)


def check_config(case: RegularizerCase) -> None:
    """get_config survives JSON and makes the same regularizer."""
    w = case.weight(case.shapes[-1])

    def same(subject: Subject, twin: Regularizer) -> None:
        require_close(subject, twin(w), case.regularizer(w))

    require_round_trip(case.subject, case.regularizer, same)


def check_device(case: RegularizerCase) -> None:
    """On a device that refuses host arrays it runs, gives device arrays, and the same numbers."""
    for shape in case.shapes:
        w, subject = case.weight(shape), case.subject.at(f"shape {shape}", "on the device")
        want = {"penalty": host(case.regularizer(w)), "gradient": host(case.regularizer.gradient(w))}
        with subject.running():
            there = FakeDeviceArray(w)
            found = {"penalty": case.regularizer(there), "gradient": case.regularizer.gradient(there)}
        for name, array in found.items():
            said = f"the {name} is a {type(array).__name__}, not a device array"
            subject.require(isinstance(array, FakeDeviceArray), said)
            require_close(subject.at(name), array, want[name], 1e-9)


CHECKS: dict[str, Callable[[RegularizerCase], None]] = {
    "form": check_form,
    "gradients": check_gradients,
    "zero": check_zero,
    "config": check_config,
    "device": check_device,
}
"""The checks of check_regularizer, by the names that `skip` takes."""


def check_regularizer(
    make: Callable[[], Regularizer],
    shapes: Sequence[tuple[int, ...]] = SHAPES,
    *,
    rtol: float = 1e-5,
    skip: Collection[str] = (),
) -> None:
    """Fail unless the regularizer that `make` gives keeps the contract for weights of these shapes.

    Raises: AssertionError that names the class and what differs.
    """
    with Subject("the regularizer's maker").running():
        made = make()
    run_checks("regularizers", CHECKS, RegularizerCase(made, shapes, rtol, Subject(type(made).__name__)), skip)
