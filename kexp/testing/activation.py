"""check_activation: the contract of activations."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation, FunctionActivation, get_activation
from kexp.core.context import Context, Pullback
from kexp.testing.arrays import Host, Untouched, host, require_close
from kexp.testing.config import require_round_trip
from kexp.testing.device import FakeDevice, FakeDeviceArray
from kexp.testing.gradient import Along, compare
from kexp.testing.layer_contexts import StaleContext
from kexp.testing.report import Subject, run_checks

FAR = 1000.0


@dataclass(frozen=True)
class ActivationCase:
    """An activation under test."""

    activation: Activation
    subject: Subject
    shape: tuple[int, ...]
    rtol: float

    def x(self, draw: int = 0, dtype: str = "float64") -> Host:
        """Random inputs, some of them far from 0."""
        return np.asarray(2 * np.random.default_rng([1, draw]).standard_normal(self.shape), dtype=dtype)

    def dy(self, draw: int = 0, dtype: str = "float64") -> Host:
        """Random cotangents."""
        return np.asarray(np.random.default_rng([2, draw]).standard_normal(self.shape), dtype=dtype)

    def forward(self, x: Array, ctx: Context | None = None, subject: Subject | None = None) -> tuple[Array, Pullback]:
        """The activation of x and its pullback."""
        with (subject or self.subject).running():
            y, pullback = self.activation.forward(x, ctx=ctx or Context())
        return y, pullback


def check_form(case: ActivationCase) -> None:
    """Output and cotangent have the shape and dtype of x."""
    for dtype in ("float32", "float64"):
        subject, x = case.subject.at(dtype), case.x(dtype=dtype)
        y, pullback = case.forward(x)
        with subject.running():
            dx = pullback(case.dy(dtype=dtype))
            found = {"output": y, "cotangent": dx}
        for name, array in found.items():
            subject.require(array.shape == x.shape, f"{name} has the shape {array.shape}, not {x.shape}")
            subject.require(array.dtype == x.dtype, f"{name} is {array.dtype}, not {x.dtype}")


def check_untouched(case: ActivationCase) -> None:
    """Neither x nor dy nor, by the pullback, the output is changed; the pullback may be called again."""
    x, dy = case.x(), case.dy()
    before = Untouched([("x", x)])
    y, pullback = case.forward(x)
    before.require(case.subject, "forward")
    given = Untouched([("x", x), ("dy", dy), ("the output", y)])
    first = pullback(dy)
    given.require(case.subject, "the pullback")
    kept = host(first)
    pullback(case.dy(draw=1))
    require_close(case.subject.at("first cotangent after a second pullback"), first, kept, 0.0)
    require_close(case.subject.at("same pullback twice"), pullback(dy), kept)


def check_gradients(case: ActivationCase) -> None:
    """The derivative is that of finite differences, in float64."""

    def draw(attempt: int) -> tuple[float, Along]:
        x, dy = case.x(attempt), case.dy(attempt)
        direction = np.random.default_rng([3, attempt]).standard_normal(case.shape)
        dx = case.forward(x)[1](dy)
        return float((dx * direction).sum()), lambda t: float((case.forward(x + t * direction)[0] * dy).sum())

    compare(case.subject, draw, case.rtol)


def check_far(case: ActivationCase) -> None:
    """Far from 0, at ±1000, neither output nor derivative is NaN (infinite they may be)."""
    for dtype in ("float32", "float64"):
        for far in (-FAR, FAR):
            subject = case.subject.at(dtype, f"x={far:g}")
            x = np.full(case.shape, far, dtype=dtype)
            with np.errstate(all="ignore"):
                y, pullback = case.forward(x, subject=subject)
                dx = pullback(np.ones_like(x))
            subject.require(not np.isnan(y).any(), "the output is NaN")
            subject.require(not np.isnan(dx).any(), "the derivative is NaN")


def check_contexts(case: ActivationCase) -> None:
    """Reused work arrays change nothing, neither does inference, and calling the activation gives the same."""
    y, pullback = case.forward(case.x())
    want, wanted = host(y), host(pullback(case.dy()))
    subject, ctx = case.subject.at("reused work arrays"), StaleContext()
    for draw in (1, 0):  # the first round leaves its traces in the arrays
        y, pullback = case.forward(case.x(draw), ctx, subject)
        dx = pullback(case.dy(draw))
    require_close(subject.at("output"), y, want)
    require_close(subject.at("cotangent"), dx, wanted)
    subject = case.subject.at("wants_pullback=False")
    require_close(subject, case.forward(case.x(), Context(wants_pullback=False), subject)[0], want)
    with case.subject.at("called").running():
        called = case.activation(case.x())
    require_close(case.subject.at("called"), called, want)


def check_device(case: ActivationCase) -> None:
    """On a device that refuses host arrays it runs, gives device arrays, and the same numbers."""
    y, pullback = case.forward(case.x())
    want = {"output": host(y), "cotangent": host(pullback(case.dy()))}
    subject = case.subject.at("on the device")
    there, pullback = case.forward(FakeDeviceArray(case.x()), Context(backend=FakeDevice()), subject)
    with subject.running():
        found = {"output": there, "cotangent": pullback(FakeDeviceArray(case.dy()))}
    for name, array in found.items():
        subject.require(isinstance(array, FakeDeviceArray), f"{name} is a {type(array).__name__}, not a device array")
        require_close(subject.at(name), array, want[name], 1e-9)


def check_config(case: ActivationCase) -> None:
    """get_config survives JSON and makes the same activation; a plain function has no config."""
    if isinstance(case.activation, FunctionActivation):
        return
    want = case.forward(case.x())[0]

    def same(subject: Subject, twin: Activation) -> None:
        require_close(subject, twin.forward(case.x(), ctx=Context())[0], want)

    require_round_trip(case.subject, case.activation, same)


CHECKS: dict[str, Callable[[ActivationCase], None]] = {
    "untouched": check_untouched,
    "form": check_form,
    "gradients": check_gradients,
    "far": check_far,
    "contexts": check_contexts,
    "config": check_config,
    "device": check_device,
}
"""The checks of check_activation, by the names that `skip` takes."""


def check_activation(
    make: Callable[[], Any], shape: tuple[int, ...] = (4, 5), *, rtol: float = 1e-5, skip: Collection[str] = ()
) -> None:
    """Fail unless the activation that `make` gives (an object or a plain function) keeps the contract.

    `shape` of the inputs; `rtol` of the derivative against finite differences; `skip`: checks to leave out.
    Raises: AssertionError that names the class and what differs.
    """
    with Subject("the activation's maker").running():
        made = get_activation(make())
    if made is None:
        Subject("the activation's maker").fail("gives None")
    function = getattr(made, "function", None)
    name = type(made).__name__ if function is None else getattr(function, "__name__", repr(function))
    run_checks("activations", CHECKS, ActivationCase(made, Subject(name), shape, rtol), skip)
