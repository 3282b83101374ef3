"""check_activation passes good activations, and each check fails on one that is broken in just that way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.core.activation import Activation
from kexp.testing import check_activation
from kexp.testing.activation import CHECKS


class Cube(Activation):
    """A good activation: y = gain x³."""

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def forward(self, x, *, ctx):
        y = np.multiply(x, x, out=ctx.work("cube", x.shape, x.dtype))
        y = np.multiply(y, x, out=y)
        y = np.multiply(y, self.gain, out=y)
        return y, lambda dy: np.multiply(3 * self.gain * x * x, dy, out=ctx.work("dx", x.shape, x.dtype))


class Square(Activation):
    """A good activation without a derivative of its own."""

    def call(self, x):
        return x * x


@pytest.mark.parametrize("make", [Cube, lambda: Cube(2.0), Square, lambda: np.tanh])
def test_good_activations_pass(make):
    check_activation(make)


class Spoiled(Cube):
    """Base of activations whose results are broken."""

    def forward(self, x, *, ctx):
        y, pull = super().forward(x, ctx=ctx)
        return self.spoil(y, pull, x, ctx)


class FlatOutput(Spoiled):
    def spoil(self, y, pull, x, ctx):
        return y.reshape(-1), lambda dy: pull(dy.reshape(x.shape))


class DoubleOutput(Spoiled):
    def spoil(self, y, pull, x, ctx):
        return y.astype("float64"), pull


class DoubleCotangent(Spoiled):
    def spoil(self, y, pull, x, ctx):
        return y, lambda dy: pull(dy).astype("float64")


class OtherwiseWhenCalled(Cube):
    def call(self, x):
        return super().call(x) * 2


class ChangesX(Cube):
    def forward(self, x, *, ctx):
        result = super().forward(x.copy(), ctx=ctx)
        x += 1
        return result


class ChangesDy(Spoiled):
    def spoil(self, y, pull, x, ctx):
        def pullback(dy):
            dx = pull(dy)
            dy *= 2
            return dx

        return y, pullback


class ChangesTheOutput(Spoiled):
    def spoil(self, y, pull, x, ctx):
        return y, lambda dy: np.add(pull(dy), 0, out=y)


class KeepsOneBuffer(Spoiled):
    def spoil(self, y, pull, x, ctx):
        kept = np.empty_like(x)
        return y, lambda dy: np.add(pull(dy), 0, out=kept)


class Forgets(Spoiled):
    def spoil(self, y, pull, x, ctx):
        calls = []

        def pullback(dy):
            calls.append(dy)
            return pull(dy) * (1 if len(calls) < 3 else 2)

        return y, pullback


class WrongDerivative(Spoiled):
    def spoil(self, y, pull, x, ctx):
        return y, lambda dy: pull(dy) / 3


class NotANumberFar(Spoiled):
    def spoil(self, y, pull, x, ctx):
        return np.exp(x) / (np.exp(x) + 1), lambda dy: dy * np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2


class DerivativeNotANumberFar(Cube):
    def forward(self, x, *, ctx):
        e = np.exp(x)
        return 1 - 1 / (1 + e), lambda dy: dy * e / (1 + e) ** 2


class WorkWithoutZeroing(Spoiled):
    def spoil(self, y, pull, x, ctx):
        work = ctx.work("sum", x.shape, x.dtype)
        if work is not None:
            work += y
            y = work
        return y, pull


class CotangentWithoutZeroing(Spoiled):
    def spoil(self, y, pull, x, ctx):
        def pullback(dy):
            dx, work = pull(dy), ctx.work("sum", x.shape, x.dtype)
            return dx if work is None else np.add(work, dx, out=work)

        return y, pullback


class OtherwiseOnTheDevice(Spoiled):
    def spoil(self, y, pull, x, ctx):
        return (y if isinstance(x, np.ndarray) else y * 2), pull


class OtherwiseInInference(Spoiled):
    def spoil(self, y, pull, x, ctx):
        return (y if ctx.wants_pullback else y + 1), pull


class ForgetsItsGain(Cube):
    def get_config(self):
        return {}


class MakesHostArrays(Spoiled):
    def spoil(self, y, pull, x, ctx):
        return y + np.zeros(x.shape, x.dtype), pull


class CotangentOnTheHost(Spoiled):
    def spoil(self, y, pull, x, ctx):
        return y, lambda dy: pull(dy).get() if hasattr(dy, "get") else pull(dy)


BROKEN: list[tuple[type[Activation], dict[str, Any], str, str]] = [
    (FlatOutput, {}, "form", ", float32: output has the shape (20,), not (4, 5)"),
    (DoubleOutput, {}, "form", ", float32: output is float64, not float32"),
    (DoubleCotangent, {}, "form", ", float32: cotangent is float64, not float32"),
    (OtherwiseWhenCalled, {}, "contexts", ", called: # instead of # at [0, 0] (20 of 20 differ)"),
    (ChangesX, {}, "untouched", ": x is changed by forward"),
    (ChangesDy, {}, "untouched", ": dy is changed by the pullback"),
    (ChangesTheOutput, {}, "untouched", ": the output is changed by the pullback"),
    (
        KeepsOneBuffer,
        {},
        "untouched",
        ", first cotangent after a second pullback: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (Forgets, {}, "untouched", ", same pullback twice: # instead of # at [0, 0] (20 of 20 differ)"),
    (WrongDerivative, {}, "gradients", ": pullback gives #, finite differences #"),
    (NotANumberFar, {}, "far", ", float32, x=1000: the output is NaN"),
    (DerivativeNotANumberFar, {}, "far", ", float32, x=1000: the derivative is NaN"),
    (WorkWithoutZeroing, {}, "contexts", ", reused work arrays, output: # instead of # at [0, 0] (20 of 20 differ)"),
    (
        CotangentWithoutZeroing,
        {},
        "contexts",
        ", reused work arrays, cotangent: # instead of # at [0, 0] (20 of 20 differ)",
    ),
    (OtherwiseOnTheDevice, {}, "device", ", on the device, output: # instead of # at [0, 0] (20 of 20 differ)"),
    (OtherwiseInInference, {}, "contexts", ", wants_pullback=False: # instead of # at [0, 0] (20 of 20 differ)"),
    (ForgetsItsGain, {"gain": 2.0}, "config", ", from_config: # instead of # at [0, 0] (20 of 20 differ)"),
    (MakesHostArrays, {}, "device", ", on the device: TypeError: Unsupported type <class 'numpy.ndarray'>"),
    (CotangentOnTheHost, {}, "device", ", on the device: cotangent is a ndarray, not a device array"),
]


def attempt(broken, options):
    check_activation(lambda: broken(**options))


@pytest.mark.parametrize(("broken", "options", "check", "text"), BROKEN, ids=[row[0].__name__ for row in BROKEN])
def test_broken_activations_fail(failure, broken, options, check, text):
    assert failure(attempt, broken, options) == (check, f"{broken.__name__}{text}")


def test_every_check_has_an_activation_that_breaks_it():
    assert set(CHECKS) == {check for _, _, check, _ in BROKEN}


def test_a_plain_function_is_named_in_failures():
    def jump(x):
        return np.where(x > 0, x, x * 1.0 - 1e-4 * np.sin(1e7 * x))

    with pytest.raises(AssertionError, match=r"^jump: finite differences do not settle"):
        check_activation(lambda: jump)


def test_nothing_is_no_activation():
    with pytest.raises(AssertionError, match=r"^the activation's maker: gives None$"):
        check_activation(lambda: None)
