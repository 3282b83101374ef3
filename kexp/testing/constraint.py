"""check_constraint: the contract of constraints."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from kexp.core.constraint import Constraint
from kexp.testing.arrays import Host, Untouched, host, require_close, require_finite
from kexp.testing.config import require_round_trip
from kexp.testing.device import FakeDeviceArray
from kexp.testing.report import Subject, run_checks

SHAPES = ((7,), (6, 5), (3, 3, 4, 5))


@dataclass(frozen=True)
class ConstraintCase:
    """A constraint under test."""

    constraint: Constraint
    shapes: Sequence[tuple[int, ...]]
    subject: Subject

    def weight(self, shape: tuple[int, ...], dtype: str = "float64") -> Host:
        """A random weight, of which some numbers are large."""
        return np.asarray(3 * np.random.default_rng(1).standard_normal(shape), dtype=dtype)


def check_form(case: ConstraintCase) -> None:
    """The projection has shape and dtype of w, and leaves w alone."""
    for dtype in ("float32", "float64"):
        for shape in case.shapes:
            w, subject = case.weight(shape, dtype), case.subject.at(f"shape {shape}", dtype)
            before = Untouched([("w", w)])
            with subject.running():
                projected = case.constraint(w)
            before.require(subject, "the projection")
            subject.require(projected.shape == shape, f"the projection has the shape {projected.shape}")
            subject.require(projected.dtype == w.dtype, f"the projection is {projected.dtype}")


def check_projection(case: ConstraintCase) -> None:
    """What is allowed stays: projecting twice gives what projecting once gives."""
    for shape in case.shapes:
        with case.subject.at(f"shape {shape}").running():
            once = case.constraint(case.weight(shape))
            twice = case.constraint(once)
        require_close(case.subject.at(f"shape {shape}", "projected twice"), twice, once, 1e-5)


def check_zero(case: ConstraintCase) -> None:
    """At w = 0, where many weights start, the projection is finite."""
    for shape in case.shapes:
        subject = case.subject.at(f"shape {shape}", "w=0")
        with np.errstate(all="ignore"), subject.running():
            projected = case.constraint(np.zeros(shape))
        require_finite(subject, projected)


def check_config(case: ConstraintCase) -> None:
    """get_config survives JSON and makes the same constraint."""
    w = case.weight(case.shapes[-1])

    def same(subject: Subject, twin: Constraint) -> None:
        require_close(subject, twin(w), case.constraint(w))

    require_round_trip(case.subject, case.constraint, same)


def check_device(case: ConstraintCase) -> None:
    """On a device that refuses host arrays it runs, gives device arrays, and the same numbers."""
    for shape in case.shapes:
        w, subject = case.weight(shape), case.subject.at(f"shape {shape}", "on the device")
        want = host(case.constraint(w))
        with subject.running():
            projected = case.constraint(FakeDeviceArray(w))
        said = f"the projection is a {type(projected).__name__}, not a device array"
        subject.require(isinstance(projected, FakeDeviceArray), said)
        require_close(subject, projected, want, 1e-9)


CHECKS: dict[str, Callable[[ConstraintCase], None]] = {
    "form": check_form,
    "projection": check_projection,
    "zero": check_zero,
    "config": check_config,
    "device": check_device,
}
"""The checks of check_constraint, by the names that `skip` takes."""


def check_constraint(
    make: Callable[[], Constraint], shapes: Sequence[tuple[int, ...]] = SHAPES, *, skip: Collection[str] = ()
) -> None:
    """Fail unless the constraint that `make` gives keeps the contract for weights of these shapes.

    A constraint that only moves towards what it allows breaks 'projection', and is checked with that skipped.
    Raises: AssertionError that names the class and what differs.
    """
    with Subject("the constraint's maker").running():
        made = make()
    run_checks("constraints", CHECKS, ConstraintCase(made, shapes, Subject(type(made).__name__)), skip)
