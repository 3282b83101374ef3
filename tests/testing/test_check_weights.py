"""check_initializer, check_regularizer, check_constraint, check_schedule: good ones pass, broken ones fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.core.constraint import Constraint
from kexp.core.initializer import Initializer
from kexp.core.regularizer import Regularizer
from kexp.core.schedule import Schedule
from kexp.testing import check_constraint, check_initializer, check_regularizer, check_schedule
from kexp.testing.constraint import CHECKS as CONSTRAINT_CHECKS
from kexp.testing.initializer import CHECKS as INITIALIZER_CHECKS
from kexp.testing.regularizer import CHECKS as REGULARIZER_CHECKS
from kexp.testing.schedule import CHECKS as SCHEDULE_CHECKS


class Noise(Initializer):
    """A good initializer."""

    def __init__(self, scale: float = 1.0, seed: int | None = None) -> None:
        self.scale = scale
        self.seed = seed

    def sample(self, shape, stream):
        return stream.standard_normal(shape) * self.scale


class Flat(Noise):
    def sample(self, shape, stream):
        return super().sample(shape, stream).ravel()


class Single(Noise):
    def sample(self, shape, stream):
        return super().sample(shape, stream).astype("float32")


class Listed(Noise):
    def sample(self, shape, stream):
        return super().sample(shape, stream).tolist()


class Infinite(Noise):
    def sample(self, shape, stream):
        return super().sample(shape, stream) / 0.0


class GlobalNoise(Noise):
    def sample(self, shape, stream):
        return np.random.standard_normal(shape)


class OwnStream(Noise):
    def __init__(self) -> None:
        self.own = np.random.default_rng(0)

    def sample(self, shape, stream):
        return self.own.standard_normal(shape)


class NumbersItsObjects(Noise):
    made = 0

    def __init__(self):
        type(self).made += 1
        self.number = self.made

    def sample(self, shape, stream):
        return stream.standard_normal(shape) + self.number


class IgnoresDtype(Noise):
    def __call__(self, shape, dtype=None):
        return super().__call__(shape)


class ForgetsItsScale(Noise):
    def get_config(self):
        return {"seed": None}


class Ridge(Regularizer):
    """A good regularizer."""

    def __init__(self, strength: float = 0.1) -> None:
        self.strength = strength

    def call(self, w):
        return (w * w).sum() * self.strength


class RowPenalty(Ridge):
    def call(self, w):
        return super().call(w)[None]

    def gradient(self, w):
        return 2 * self.strength * w


class DoublePenalty(Ridge):
    def call(self, w):
        return super().call(w).astype("float64")

    def gradient(self, w):
        return 2 * self.strength * w


class ShrinksItsWeight(Ridge):
    def call(self, w):
        w *= 0.5
        return super().call(w)

    def gradient(self, w):
        return 2 * self.strength * w


class GradientIsTheWeight(Ridge):
    def __init__(self) -> None:
        self.strength = 0.5

    def gradient(self, w):
        return w


class HalfGradient(Ridge):
    def gradient(self, w):
        return self.strength * w


class DividesByTheNorm(Ridge):
    def gradient(self, w):
        norm = (w * w).sum()
        return 2 * self.strength * w * (norm / norm)


class ForgetsItsStrength(Ridge):
    def get_config(self):
        return {}


class PenaltyOnTheHost(Ridge):
    def call(self, w):
        return np.float64(float(super().call(w))).astype(w.dtype)

    def gradient(self, w):
        return 2 * self.strength * w


class OtherwiseOnTheDevice(Ridge):
    def call(self, w):
        return super().call(w) * (1 if isinstance(w, np.ndarray) else 2)

    def gradient(self, w):
        return 2 * self.strength * w


class Ball(Constraint):
    """A good constraint: the whole weight's norm is at most `radius`."""

    def __init__(self, radius: float = 1.0) -> None:
        self.radius = radius

    def project(self, w):
        return w * np.minimum(1.0, self.radius / np.sqrt((w * w).sum() + 1e-14)).astype(w.dtype)


class FlatBall(Ball):
    def project(self, w):
        return super().project(w).ravel()


class DoubleBall(Ball):
    def project(self, w):
        return super().project(w).astype("float64")


class InPlaceBall(Ball):
    def project(self, w):
        w[...] = super().project(w)
        return w * 1.0


class HalfWay(Ball):
    def project(self, w):
        return (w + super().project(w)) / 2


class NoFuzz(Ball):
    def project(self, w):
        norm = np.sqrt((w * w).sum())
        return w / norm * np.minimum(norm, self.radius)


class ForgetsItsRadius(Ball):
    def get_config(self):
        return {}


class BallOnTheHost(Ball):
    def project(self, w):
        return super().project(w.get() if hasattr(w, "get") else w)


class OtherBallOnTheDevice(Ball):
    def project(self, w):
        return super().project(w) * (1 if isinstance(w, np.ndarray) else 0.5)


class Half(Schedule):
    """A good schedule: halves the rate every `every` steps."""

    def __init__(self, start: float = 0.1, every: int = 10) -> None:
        self.start = start
        self.every = every

    def rate(self, step):
        return self.start * 0.5 ** (step // self.every)


class NumpyRate(Half):
    def rate(self, step):
        return np.float64(super().rate(step))


class BelowZero(Half):
    def rate(self, step):
        return 0.1 - 0.01 * step


class NotANumber(Half):
    def rate(self, step):
        return super().rate(step) if step < 20 else float("nan")


class CountsItsCalls(Half):
    calls = 0

    def rate(self, step):
        self.calls += 1
        return super().rate(self.calls)


class ForgetsItsStart(Half):
    def get_config(self):
        return {"every": self.every}


@pytest.mark.parametrize(
    ("check", "make"),
    [
        (check_initializer, Noise),
        (check_initializer, lambda: Noise(2.0, seed=3)),
        (check_regularizer, Ridge),
        (check_constraint, Ball),
        (check_schedule, Half),
    ],
)
def test_good_ones_pass(check, make):
    check(make)


SUITES = {
    Initializer: (check_initializer, INITIALIZER_CHECKS),
    Regularizer: (check_regularizer, REGULARIZER_CHECKS),
    Constraint: (check_constraint, CONSTRAINT_CHECKS),
    Schedule: (check_schedule, SCHEDULE_CHECKS),
}

BROKEN: list[tuple[type, dict[str, Any], str, str]] = [
    (Flat, {}, "form", ", shape (6, 5): sample gives the shape (30,)"),
    (Single, {}, "form", ", shape (7,): sample gives float32, not float64"),
    (Listed, {}, "form", ", shape (7,): sample gives a list, not a NumPy array"),
    (Infinite, {}, "form", ", shape (7,): 7 of 7 values are not finite"),
    (GlobalNoise, {}, "stream", ", shape (7,), same stream twice: # instead of # at [0] (7 of 7 differ)"),
    (OwnStream, {}, "stream", ", shape (7,), same stream twice: # instead of # at [0] (7 of 7 differ)"),
    (
        NumbersItsObjects,
        {},
        "stream",
        ", shape (7,), second object, same stream: # instead of # at [0] (7 of 7 differ)",
    ),
    (
        IgnoresDtype,
        {},
        "call",
        ", shape (7,): called with floatx float32, it gives float32 (7,) where float64 is wanted",
    ),
    (ForgetsItsScale, {"scale": 2.0}, "config", ", from_config, shape (7,): # instead of # at [0] (7 of 7 differ)"),
    (RowPenalty, {}, "form", ", shape (7,), float32: the penalty has the shape (1,), not ()"),
    (DoublePenalty, {}, "form", ", shape (7,), float32: the penalty is float64, not float32"),
    (ShrinksItsWeight, {}, "form", ", shape (7,), float32: w is changed by the regularizer"),
    (GradientIsTheWeight, {}, "form", ", shape (7,), float32: the gradient shares memory with w"),
    (HalfGradient, {}, "gradients", ", shape (7,): gradient gives #, finite differences #"),
    (DividesByTheNorm, {}, "zero", ", shape (7,), w=0, gradient: 7 of 7 values are not finite"),
    (ForgetsItsStrength, {"strength": 0.2}, "config", ", from_config: # instead of # at [0] (1 of 1 differ)"),
    (PenaltyOnTheHost, {}, "device", ", shape (7,), on the device: the penalty is a float64, not a device array"),
    (OtherwiseOnTheDevice, {}, "device", ", shape (7,), on the device, penalty: # instead of # at [0] (1 of 1 differ)"),
    (FlatBall, {}, "form", ", shape (6, 5), float32: the projection has the shape (30,)"),
    (DoubleBall, {}, "form", ", shape (7,), float32: the projection is float64"),
    (InPlaceBall, {}, "form", ", shape (7,), float32: w is changed by the projection"),
    (HalfWay, {}, "projection", ", shape (7,), projected twice: # instead of # at [0] (7 of 7 differ)"),
    (NoFuzz, {}, "zero", ", shape (7,), w=0: 7 of 7 values are not finite"),
    (ForgetsItsRadius, {"radius": 2.0}, "config", ", from_config: # instead of # at [0, 0, 0, 0] (180 of 180 differ)"),
    (BallOnTheHost, {}, "device", ", shape (7,), on the device: the projection is a ndarray, not a device array"),
    (OtherBallOnTheDevice, {}, "device", ", shape (7,), on the device: # instead of # at [0] (7 of 7 differ)"),
    (NumpyRate, {}, "rates", ", step 0: the rate is a float64, not a float"),
    (BelowZero, {}, "rates", ", step 11: the rate is #"),
    (NotANumber, {}, "rates", ", step 20: the rate is #"),
    (CountsItsCalls, {}, "memory", ", step 49: the rate is #, but # where the steps come in order"),
    (ForgetsItsStart, {"start": 0.2}, "config", ", from_config, step 0: the rate is #, not #"),
]


def suite_of(broken):
    return next(suite for base, suite in SUITES.items() if issubclass(broken, base))


def attempt(broken, options):
    with np.errstate(all="ignore"):
        suite_of(broken)[0](lambda: broken(**options))


@pytest.mark.parametrize(("broken", "options", "check", "text"), BROKEN, ids=[row[0].__name__ for row in BROKEN])
def test_broken_ones_fail(failure, broken, options, check, text):
    assert failure(attempt, broken, options) == (check, f"{broken.__name__}{text}")


@pytest.mark.parametrize("base", SUITES, ids=lambda base: base.__name__)
def test_every_check_has_something_that_breaks_it(base):
    assert set(SUITES[base][1]) == {check for broken, _, check, _ in BROKEN if issubclass(broken, base)}


def test_shapes_can_be_chosen():
    seen = []

    class Matrix(Noise):
        def sample(self, shape, stream):
            seen.append(shape)
            return super().sample(shape, stream)

    check_initializer(Matrix, [(3, 2)])
    assert set(seen) == {(3, 2)}
