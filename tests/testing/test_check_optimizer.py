"""check_optimizer passes good optimizers, and each check fails on one that is broken in just that way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.core.optimizer import Optimizer
from kexp.testing import check_optimizer
from kexp.testing.optimizer import CHECKS


class Adagrad(Optimizer):
    """A good optimizer: w -= lr factor g / sqrt(sum of g² so far)."""

    slots = ("squares",)

    def __init__(self, learning_rate: float = 0.1, factor: float = 1.0, **kwargs: Any) -> None:
        super().__init__(learning_rate, **kwargs)
        self.factor = factor

    def slot_start(self, slot):
        return 0.1

    def update(self, w, g, slots, *, step, lr, kernels):
        slots["squares"] += g * g
        w -= g / (np.sqrt(slots["squares"]) + 1e-7) * kernels.constant(lr * self.factor, w)


class Descent(Optimizer):
    """A good optimizer without state."""

    def update(self, w, g, slots, *, step, lr, kernels):
        kernels.sgd(w, g, lr=lr)


@pytest.mark.parametrize(
    "make",
    [
        Adagrad,
        Descent,
        lambda: Adagrad(factor=0.5, weight_decay=0.01, clipnorm=1.0),
        lambda: Adagrad(use_ema=True, ema_overwrite_frequency=2),
        lambda: Adagrad(gradient_accumulation_steps=2, global_clipnorm=1.0),
    ],
)
def test_good_optimizers_pass(make):
    check_optimizer(make)


class UndeclaredSlot(Adagrad):
    def update(self, w, g, slots, *, step, lr, kernels):
        slots.setdefault("velocity", np.zeros_like(w))
        super().update(w, g, slots, step=step, lr=lr, kernels=kernels)


class CountsItself(Adagrad):
    count = 0

    def update(self, w, g, slots, *, step, lr, kernels):
        self.count += 1
        super().update(w, g, slots, step=step, lr=lr, kernels=kernels)


class KeepsAVector(Adagrad):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.largest = np.zeros(1)

    def update(self, w, g, slots, *, step, lr, kernels):
        super().update(w, g, slots, step=step, lr=lr, kernels=kernels)
        if isinstance(g, np.ndarray):
            self.largest[...] = np.abs(g).max()


class DoubleState(Adagrad):
    def build(self, w, g, segments, backend=None):
        super().build(w, g, segments, backend)
        if "squares" not in self._whole[0][2] or isinstance(w, np.ndarray):
            self.state["squares"] = self.state["squares"].astype("float64")


class LongState(Adagrad):
    def build(self, w, g, segments, backend=None):
        super().build(w, g, segments, backend)
        self.state["squares"] = np.concatenate([self.state["squares"], self.state["squares"]])


class MissesASlot(Descent):
    def update(self, w, g, slots, *, step, lr, kernels):
        slots["velocity"] *= 0.9
        super().update(w, g, slots, step=step, lr=lr, kernels=kernels)


class WritesBeyond(Descent):
    def update(self, w, g, slots, *, step, lr, kernels):
        super().update(w, g, slots, step=step, lr=lr, kernels=kernels)
        if isinstance(w, np.ndarray) and w.base is not None and len(w.base) > len(w):
            w.base[0] = 0.0


class WritesBeyondASlot(Adagrad):
    def update(self, w, g, slots, *, step, lr, kernels):
        super().update(w, g, slots, step=step, lr=lr, kernels=kernels)
        squares = slots["squares"]
        if isinstance(w, np.ndarray) and squares.base is not None and np.isnan(squares.base[-1]):
            squares.base[-1] = 1.0


class OwnStep(Descent):
    def update(self, w, g, slots, *, step, lr, kernels):
        super().update(w, g, slots, step=step, lr=lr / (1 + self.iterations), kernels=kernels)


class OwnRate(Descent):
    def update(self, w, g, slots, *, step, lr, kernels):
        super().update(w, g, slots, step=step, lr=lr * (1 + self.learning_rate), kernels=kernels)


class MovesWithoutARate(Descent):
    def update(self, w, g, slots, *, step, lr, kernels):
        w *= 0.999
        super().update(w, g, slots, step=step, lr=lr, kernels=kernels)


class DecaysWithoutARate(Descent):
    def apply(self):
        super().apply()
        for w, _, _ in self._whole:
            w -= w * 0.001


class Ascends(Descent):
    def update(self, w, g, slots, *, step, lr, kernels):
        w += g * kernels.constant(lr, w)


class StandsStill(Descent):
    def update(self, w, g, slots, *, step, lr, kernels):
        w = w - g * kernels.constant(lr, w)


class Jitters(Descent):
    def update(self, w, g, slots, *, step, lr, kernels):
        kernels.sgd(w, g + np.full_like(g, 0.01 * np.random.standard_normal()), lr=lr)


class NormOfTheVector(Descent):
    def update(self, w, g, slots, *, step, lr, kernels):
        norm = np.sqrt(np.dot(w, w))
        kernels.sgd(w, g * norm, lr=lr)


class TouchesFrozen(Descent):
    def apply(self):
        super().apply()
        self._all *= 0.999 if self.learning_rate else 1.0

    def build(self, w, g, segments, backend=None):
        super().build(w, g, segments, backend)
        self._all = w


class TouchesFrozenState(Adagrad):
    def apply(self):
        super().apply()
        self.state["squares"] += 1.0


class NoFuzz(Adagrad):
    def slot_start(self, slot):
        return 0.0

    def update(self, w, g, slots, *, step, lr, kernels):
        slots["squares"] += g * g
        w -= g / np.sqrt(slots["squares"]) * kernels.constant(lr, w)


class LosesSmallNumbers(Adagrad):
    def slot_start(self, slot):
        return 0.0

    def update(self, w, g, slots, *, step, lr, kernels):
        eps = 1e-3 if w.dtype == np.float32 else 0.5
        slots["squares"] += g * g
        w -= g / (np.sqrt(slots["squares"]) + eps) * kernels.constant(lr, w)


class SharedSum(Adagrad):
    def update(self, w, g, slots, *, step, lr, kernels):
        super().update(w, g, slots, step=step, lr=lr, kernels=kernels)
        slots["squares"][...] = slots["squares"].sum()


class SumOfTheVector(Adagrad):
    slots = ("squares", "sum")

    def update(self, w, g, slots, *, step, lr, kernels):
        slots["sum"] += w.sum()
        super().update(w, g, slots, step=step, lr=lr, kernels=kernels)


class InfiniteState(Adagrad):
    slots = ("squares", "ratio")

    def update(self, w, g, slots, *, step, lr, kernels):
        slots["ratio"][...] = 1 / (slots["squares"] - 0.1)
        super().update(w, g, slots, step=step, lr=lr, kernels=kernels)


class OtherwiseOnTheDevice(Adagrad):
    def update(self, w, g, slots, *, step, lr, kernels):
        lr = lr if isinstance(w, np.ndarray) else lr * 2
        super().update(w, g, slots, step=step, lr=lr, kernels=kernels)


class OtherStateOnTheDevice(Adagrad):
    def apply(self):
        super().apply()
        if not isinstance(self.state["squares"], np.ndarray) and self.iterations == 6:
            self.state["squares"] += 1.0


class ForgetsItsState(Adagrad):
    def get_state(self):
        state = super().get_state()
        state["slots"]["squares"] = state["slots"]["squares"] * 0
        return state


class GivesItsState(Adagrad):
    def get_state(self):
        return super().get_state() | {"slots": self.state}


class ForgetsItsFactor(Adagrad):
    def get_config(self):
        return {key: value for key, value in super().get_config().items() if key != "factor"}


class MakesHostArrays(Adagrad):
    def update(self, w, g, slots, *, step, lr, kernels):
        super().update(w, g + np.zeros(len(g), g.dtype), slots, step=step, lr=lr, kernels=kernels)


class StateOnTheHost(Adagrad):
    def apply(self):
        super().apply()
        if hasattr(self.state["squares"], "get"):
            self.state["squares"] = self.state["squares"].get()


BROKEN: list[tuple[type[Optimizer], dict[str, Any], str, str]] = [
    (UndeclaredSlot, {}, "slots", ": update makes the slot velocity, which `slots` does not name"),
    (CountsItself, {}, "slots", ": update changes the attribute 'count'; what a step leaves behind belongs in slots"),
    (KeepsAVector, {}, "slots", ": update changes the attribute 'largest'; what a step leaves behind belongs in slots"),
    (DoubleState, {}, "slots", ", slot 'squares', float32: is float64"),
    (LongState, {}, "slots", ", slot 'squares', float32: shape (46,), not (23,)"),
    (MissesASlot, {}, "slots", ": KeyError: 'velocity'"),
    (WritesBeyond, {}, "bounds", ": update writes beyond the ends of w"),
    (WritesBeyondASlot, {}, "bounds", ": update writes beyond the ends of squares"),
    (
        OwnStep,
        {},
        "arguments",
        ", w with other `iterations` but the same step: # instead of # at [5] (23 of 33 differ)",
    ),
    (
        OwnRate,
        {},
        "arguments",
        ", w with another `learning_rate` but the same lr: # instead of # at [5] (23 of 33 differ)",
    ),
    (MovesWithoutARate, {}, "zero rate", ": update with lr=0 changes w"),
    (DecaysWithoutARate, {}, "zero rate", ": steps with learning_rate=0 change w"),
    (Ascends, {}, "descent", ": 60 steps on a quadratic bowl lead from # to #"),
    (StandsStill, {}, "descent", ": 60 steps on a quadratic bowl lead from # to #"),
    (Jitters, {}, "determinism", ", same gradients twice: # instead of # at [0] (23 of 23 differ)"),
    (NormOfTheVector, {}, "layout", ", one vector against two stretches, w: # instead of # at [0] (7 of 7 differ)"),
    (TouchesFrozen, {}, "layout", ": frozen weights are changed"),
    (TouchesFrozenState, {}, "layout", ": the slot 'squares' of frozen weights is changed"),
    (NoFuzz, {}, "finite", ", float32, gradients of 0, w: 23 of 23 values are not finite"),
    (LosesSmallNumbers, {}, "dtypes", ", float32 against float64: # instead of # at [0] (23 of 23 differ)"),
    (SharedSum, {}, "layout", ", one vector against two stretches, w: # instead of # at [0] (7 of 7 differ)"),
    (
        SumOfTheVector,
        {},
        "layout",
        ", one vector against two stretches, slot 'sum': # instead of # at [0] (7 of 7 differ)",
    ),
    (InfiniteState, {}, "finite", ", float32, gradients of 0, slot 'ratio': 23 of 23 values are not finite"),
    (OtherwiseOnTheDevice, {}, "device", ", on the device, w: # instead of # at [0] (23 of 23 differ)"),
    (OtherStateOnTheDevice, {}, "device", ", on the device, slot 'squares': # instead of # at [0] (23 of 23 differ)"),
    (ForgetsItsState, {}, "resume", ", resumed after 3 steps, w: # instead of # at [0] (23 of 23 differ)"),
    (GivesItsState, {}, "resume", ", resumed after 3 steps, w: # instead of # at [0] (23 of 23 differ)"),
    (ForgetsItsFactor, {"factor": 2.0}, "config", ", from_config, w: # instead of # at [0] (23 of 23 differ)"),
    (MakesHostArrays, {}, "device", ", on the device: TypeError: Unsupported type <class 'numpy.ndarray'>"),
    (StateOnTheHost, {}, "device", ", on the device: slot 'squares' is a ndarray, not a device array"),
]


def attempt(broken, options):
    with np.errstate(all="ignore"):
        check_optimizer(lambda: broken(**options))


@pytest.mark.parametrize(("broken", "options", "check", "text"), BROKEN, ids=[row[0].__name__ for row in BROKEN])
def test_broken_optimizers_fail(failure, broken, options, check, text):
    assert failure(attempt, broken, options) == (check, f"{broken.__name__}{text}")


def test_every_check_has_an_optimizer_that_breaks_it():
    assert set(CHECKS) == {check for _, _, check, _ in BROKEN}
