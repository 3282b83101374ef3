"""check_optimizer: the contract of optimizers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kexp.backend import Array, Backend, NumpyBackend
from kexp.core.optimizer import Optimizer
from kexp.testing.arrays import Host, require_close, require_finite
from kexp.testing.config import require_round_trip
from kexp.testing.device import FakeDevice, FakeDeviceArray
from kexp.testing.report import Subject, run_checks

SIZE, STEPS, PAD = 23, 6, 5
SEGMENTS = (slice(0, 7), slice(7, 16), slice(16, SIZE))
FROZEN = SEGMENTS[1]
LEARNING = (SEGMENTS[0], SEGMENTS[2])
RTOL = {"float32": 1e-5, "float64": 1e-12}


class Vectors:
    """Weights and gradient of a pretended model, and an optimizer built on them."""

    def __init__(
        self,
        optimizer: Optimizer,
        segments: Sequence[slice] = SEGMENTS,
        *,
        dtype: str = "float64",
        backend: Backend | None = None,
    ) -> None:
        place = backend or NumpyBackend()
        self.optimizer = optimizer
        self.w: Array = place.asarray(start(), dtype=dtype)
        self.g: Array = place.asarray(np.zeros(SIZE), dtype=dtype)
        self.place = place
        self.segments = segments

    def build(self) -> Vectors:
        """Build the optimizer on them."""
        self.optimizer.build(self.w, self.g, self.segments, self.place)
        return self

    def steps(self, gradients: Sequence[Host]) -> Vectors:
        """Apply the optimizer to one gradient after another."""
        for gradient in gradients:
            self.g[...] = self.place.asarray(gradient, dtype=self.g.dtype)
            self.optimizer.apply()
        return self


def start() -> Host:
    """Start weights."""
    return np.random.default_rng(1).standard_normal(SIZE)


def gradients(steps: int = STEPS) -> list[Host]:
    """A gradient for each step."""
    return list(np.random.default_rng(2).standard_normal((steps, SIZE)))


@dataclass(frozen=True)
class OptimizerCase:
    """An optimizer under test."""

    make: Callable[[], Optimizer]
    subject: Subject

    def run(self, optimizer: Optimizer | None = None, subject: Subject | None = None, **options: Any) -> Vectors:
        """A new optimizer, or the given one, after some steps."""
        with (subject or self.subject).running():
            return Vectors(optimizer or self.make(), **options).build().steps(gradients())

    def state(self, optimizer: Optimizer, dtype: str = "float64") -> dict[str, Host]:
        """New slots, each between guards that nobody may touch; the guarded array itself."""
        return {name: guarded(np.full(SIZE, optimizer.slot_start(name)), dtype) for name in optimizer.slots}

    def direct(self, optimizer: Optimizer, lr: float, **between: Any) -> dict[str, Host]:
        """`update` called by hand on guarded vectors: the vectors after some steps, by name, guards included."""
        vectors = {"w": guarded(start()), "g": guarded(np.zeros(SIZE)), **self.state(optimizer)}
        inside = {name: array[PAD:-PAD] for name, array in vectors.items()}
        slots = {name: array for name, array in inside.items() if name not in ("w", "g")}
        kernels = NumpyBackend().kernels
        for step, gradient in enumerate(gradients(), start=1):
            inside["g"][...] = gradient
            for name, value in between.items():
                setattr(optimizer, name, value)
            with self.subject.at("update").running():
                optimizer.update(inside["w"], inside["g"], slots, step=step, lr=lr, kernels=kernels)
            more = ", ".join(sorted(set(slots) - set(optimizer.slots)))
            self.subject.require(not more, f"update makes the slot {more}, which `slots` does not name")
        return vectors


def guarded(values: Host, dtype: str = "float64") -> Host:
    """The values with guards of NaN around them."""
    guard = np.full(PAD, np.nan)
    return np.concatenate([guard, values, guard]).astype(dtype)


def check_slots(case: OptimizerCase) -> None:
    """The state is the slots that are declared, vectors like w, and nothing is kept on the optimizer itself."""
    for dtype in ("float32", "float64"):
        vectors = case.run(dtype=dtype)
        for name, values in vectors.optimizer.state.items():
            subject = case.subject.at(f"slot {name!r}", dtype)
            subject.require(values.shape == (SIZE,), f"shape {values.shape}, not {(SIZE,)}")
            subject.require(values.dtype == dtype, f"is {values.dtype}")
    optimizer = case.make()
    before = {name: _content(value) for name, value in vars(optimizer).items()}
    case.direct(optimizer, lr=0.1)
    for name, value in vars(optimizer).items():
        same = name in before and _content(value) == before[name]
        case.subject.require(same, f"update changes the attribute {name!r}; what a step leaves behind belongs in slots")


def _content(value: Any) -> Any:
    """An attribute's value, to see later whether it changed; of an object, which one it is."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    plain = isinstance(value, bool | int | float | str | list | tuple | dict | set) or value is None
    return repr(value) if plain else id(value)


def check_bounds(case: OptimizerCase) -> None:
    """update writes into the vectors that it is given, and not beyond their ends."""
    for name, array in case.direct(case.make(), lr=0.1).items():
        untouched = np.isnan(array[:PAD]).all() and np.isnan(array[-PAD:]).all()
        case.subject.require(bool(untouched), f"update writes beyond the ends of {name}")


def check_arguments(case: OptimizerCase) -> None:
    """update goes by the step and the rate that it is given, not by those of the optimizer."""
    want = case.direct(case.make(), lr=0.1)
    other = case.direct(case.make(), lr=0.1, iterations=1000)
    require_close(case.subject.at("w with other `iterations` but the same step"), other["w"], want["w"])
    other = case.direct(case.make(), lr=0.1, learning_rate=0.7)
    require_close(case.subject.at("w with another `learning_rate` but the same lr"), other["w"], want["w"])


def check_zero_rate(case: OptimizerCase) -> None:
    """A rate of 0 changes no weight, weight decay included."""
    w = case.direct(case.make(), lr=0.0)["w"][PAD:-PAD]
    case.subject.require(w.tobytes() == start().tobytes(), "update with lr=0 changes w")
    optimizer = case.make()
    optimizer.learning_rate = 0.0
    if not optimizer.use_ema:
        w = case.run(optimizer).w
        case.subject.require(w.tobytes() == start().tobytes(), "steps with learning_rate=0 change w")


def check_layout(case: OptimizerCase) -> None:
    """Weights that learn get the same steps, whether those between them are frozen or not; frozen ones get none."""
    part = case.run(segments=LEARNING)
    frozen = part.w[FROZEN]
    case.subject.require(frozen.tobytes() == start()[FROZEN].tobytes(), "frozen weights are changed")
    still = case.make()
    untouched = Vectors(still).build().optimizer.state
    for name, values in part.optimizer.state.items():
        same = values[FROZEN].tobytes() == untouched[name][FROZEN].tobytes()
        case.subject.require(same, f"the slot {name!r} of frozen weights is changed")
    calm = [np.where((np.arange(SIZE) >= FROZEN.start) & (np.arange(SIZE) < FROZEN.stop), 0.0, g) for g in gradients()]
    whole = Vectors(case.make()).build().steps(calm)
    for stretch in LEARNING:
        subject = case.subject.at("one vector against two stretches")
        require_close(subject.at("w"), part.w[stretch], whole.w[stretch])
        for name, values in part.optimizer.state.items():
            require_close(subject.at(f"slot {name!r}"), values[stretch], whole.optimizer.state[name][stretch])


def check_finite(case: OptimizerCase) -> None:
    """No gradient makes NaN: none at all, a tiny one, a large one."""
    for dtype in ("float32", "float64"):
        for size in (0.0, 1e-30, 1e10):
            subject = case.subject.at(dtype, f"gradients of {size:g}")
            vectors = Vectors(case.make(), dtype=dtype).build()
            with np.errstate(all="ignore"), subject.running():
                vectors.steps([np.full(SIZE, size)] * STEPS)
            require_finite(subject.at("w"), vectors.w)
            for name, values in vectors.optimizer.state.items():
                if size < 1:  # the square of a large one may be infinite in float32
                    require_finite(subject.at(f"slot {name!r}"), values)


def check_descent(case: OptimizerCase) -> None:
    """On a quadratic bowl it goes downhill."""
    vectors = Vectors(case.make()).build()
    steepness, lowest = np.linspace(0.5, 2.0, SIZE), np.full(SIZE, 0.1)
    before = after = float((steepness * (vectors.w - lowest) ** 2).sum())
    with case.subject.running():
        for _ in range(60):
            vectors.steps([2 * steepness * (vectors.w - lowest)])
        after = float((steepness * (vectors.w - lowest) ** 2).sum())
    case.subject.require(after < before, f"60 steps on a quadratic bowl lead from {before:.6g} to {after:.6g}")


def check_determinism(case: OptimizerCase) -> None:
    """The same gradients give the same weights."""
    require_close(case.subject.at("same gradients twice"), case.run().w, case.run().w, 0.0)


def check_resume(case: OptimizerCase) -> None:
    """An optimizer that is given the state of another goes on as that one does."""
    want = case.run()
    first = Vectors(case.make()).build().steps(gradients()[:3])
    subject = case.subject.at("resumed after 3 steps")
    second = Vectors(case.make())
    second.w[...] = first.w
    with subject.running():
        state = first.optimizer.get_state()
        first.steps(gradients()[:1])
        second.optimizer.set_state(state)
        second.build().steps(gradients()[3:])
    require_close(subject.at("w"), second.w, want.w)


def check_dtypes(case: OptimizerCase) -> None:
    """float32 and float64 give the same, but for rounding."""
    single, double = case.run(dtype="float32"), case.run()
    require_close(case.subject.at("float32 against float64"), single.w, double.w, 1e-3)


def check_config(case: OptimizerCase) -> None:
    """get_config survives JSON and makes an optimizer that takes the same steps."""
    want = case.run().w

    def same(subject: Subject, twin: Optimizer) -> None:
        require_close(subject.at("w"), case.run(twin, subject).w, want)

    require_round_trip(case.subject, case.make(), same)


def check_device(case: OptimizerCase) -> None:
    """On a device that refuses host arrays it runs, keeps its state there, and gives the same numbers."""
    want, subject = case.run(), case.subject.at("on the device")
    there = case.run(subject=subject, backend=FakeDevice())
    require_close(subject.at("w"), there.w, want.w, 1e-9)
    for name, values in there.optimizer.state.items():
        said = f"slot {name!r} is a {type(values).__name__}, not a device array"
        subject.require(isinstance(values, FakeDeviceArray), said)
        require_close(subject.at(f"slot {name!r}"), values, want.optimizer.state[name], 1e-9)


CHECKS: dict[str, Callable[[OptimizerCase], None]] = {
    "slots": check_slots,
    "bounds": check_bounds,
    "determinism": check_determinism,
    "arguments": check_arguments,
    "zero rate": check_zero_rate,
    "descent": check_descent,
    "layout": check_layout,
    "finite": check_finite,
    "dtypes": check_dtypes,
    "resume": check_resume,
    "config": check_config,
    "device": check_device,
}
"""The checks of check_optimizer, by the names that `skip` takes."""


def check_optimizer(make: Callable[[], Optimizer], *, skip: Collection[str] = ()) -> None:
    """Fail unless the optimizers that `make` gives keep the contract of optimizers.

    `skip`: names of checks to leave out (see CHECKS), for an optimizer that is meant to break one.
    Raises: AssertionError that names the class and what differs.
    """
    with Subject("the optimizer's maker").running():
        subject = Subject(type(make()).__name__)
    run_checks("optimizers", CHECKS, OptimizerCase(make, subject), skip)
