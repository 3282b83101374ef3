"""Derivatives by finite differences, compared with those that a component gives."""

from __future__ import annotations

from collections.abc import Callable

from kexp.testing.arrays import close
from kexp.testing.report import Subject

STEPS = (1e-4, 2.5e-5)  # float64: truncation and rounding both stay below 1e-7 of a smooth function of order 1
DRAWS = 6
ATOL = 1e-6

Along = Callable[[float], float]


def compare(subject: Subject, draw: Callable[[int], tuple[float, Along]], rtol: float, name: str = "pullback") -> None:
    """Fail unless the derivative that a component gives is that of finite differences.

    `draw(i)` gives for the i-th random point and direction the component's derivative along the direction, and the
    function t -> f(point + t direction). Near a kink two step sizes disagree; then another point is drawn.
    """
    for attempt in range(DRAWS):
        given, along = draw(attempt)
        coarse, fine = (central(along, step) for step in STEPS)
        if close(coarse, fine, rtol, ATOL):
            subject.require(close(given, fine, rtol, ATOL), f"{name} gives {given:.4g}, finite differences {fine:.4g}")
            return
    subject.fail(
        f"finite differences do not settle at {DRAWS} random points "
        f"({coarse:.4g} with a step of {STEPS[0]:g}, {fine:.4g} with {STEPS[1]:g}); the function is not smooth there"
    )


def central(along: Along, step: float) -> float:
    """The derivative at 0 by a central difference."""
    return (along(step) - along(-step)) / (2 * step)
