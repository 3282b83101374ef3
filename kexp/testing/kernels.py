"""check_kernels: every version of the kernels answers as the reference does."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from kexp.backend import Array, Backend, Kernels, NumpyBackend
from kexp.testing.arrays import host, require_close
from kexp.testing.kernel_calls import CALLS, Call
from kexp.testing.report import Subject, run_checks

PAD = 3
GUARD = 7
RTOL = {"float32": 2e-6, "float64": 1e-13}
HELPERS = ("constant", "work")


class Answer(NamedTuple):
    """What a kernel returned, its arguments afterwards, and the longer arrays that vectors are parts of."""

    result: Any
    arguments: dict[str, Any]
    wholes: dict[str, Array]


@dataclass(frozen=True)
class KernelCase:
    """Kernels under test, on a backend."""

    make: Callable[[], Any]
    backend: Backend
    subject: Subject

    def answer(self, kernels: Any, name: str, call: Call, subject: Subject, backend: Backend | None = None) -> Answer:
        """Call a kernel with copies of the arguments."""
        place, wholes, arguments = backend or self.backend, {}, dict(call.arguments)
        for key, value in call.arguments.items():
            if isinstance(value, np.ndarray) and value.ndim == 1:
                guard = np.full(PAD, GUARD, value.dtype)
                wholes[key] = place.asarray(np.concatenate([guard, value, guard]))
                arguments[key] = wholes[key][PAD:-PAD]
            elif isinstance(value, np.ndarray):
                arguments[key] = place.asarray(value.copy())
        with subject.running():
            return Answer(getattr(kernels, name)(**arguments), arguments, wholes)

    def answers(self) -> Iterator[tuple[Subject, Call, str, Answer, Answer]]:
        """Every call: subject, call, dtype, the answer and the reference's."""
        for name, calls in CALLS.items():
            for dtype in ("float32", "float64"):
                for call in calls(dtype):
                    subject = self.subject.at(f"{name}({call})", dtype)
                    got = self.answer(self.make(), name, call, subject)
                    yield subject, call, dtype, got, self.answer(Kernels(), name, call, subject, NumpyBackend())


def check_complete(case: KernelCase) -> None:
    """All kernels of the reference are there, and each has calls that try it."""
    made = case.make()
    for name, _ in inspect.getmembers(Kernels, inspect.isfunction):
        if name.startswith("_"):
            continue
        case.subject.require(callable(getattr(made, name, None)), f"has no kernel {name!r}")
        tried = name in CALLS or name in HELPERS
        case.subject.require(tried, f"no call tries the kernel {name!r}; add some to kexp/testing/kernel_calls.py")


def check_results(case: KernelCase) -> None:
    """Results, and the arrays that are changed, are those of the reference, but for rounding."""
    for subject, call, dtype, got, want in case.answers():
        rtol = 0.0 if call.exact else RTOL[dtype]
        if want.result is not None:
            subject.require(got.result is not None, "returns None")
            require_close(subject.at("result"), got.result, want.result, rtol)
            subject.at("result").require(got.result.dtype == dtype, f"is {got.result.dtype}")
        for name in call.writes:
            require_close(subject.at(name), got.arguments[name], want.arguments[name], rtol)


def check_bounds(case: KernelCase) -> None:
    """Nothing is written beyond the ends of a vector, nor into an argument that is only read."""
    for subject, call, _, got, _ in case.answers():
        for name, whole in got.wholes.items():
            ends = np.concatenate([host(whole)[:PAD], host(whole)[-PAD:]])
            subject.require(bool((ends == GUARD).all()), f"writes beyond the ends of {name}")
        for name, before in call.arguments.items():
            if isinstance(before, np.ndarray) and name not in call.writes + call.scratch:
                subject.require(host(got.arguments[name]).tobytes() == before.tobytes(), f"changes {name}")


def check_out(case: KernelCase) -> None:
    """Where `out` is given, the result is that very array."""
    for subject, call, _, got, _ in case.answers():
        if call.arguments.get("out") is not None:
            subject.require(got.result is got.arguments["out"], "does not return `out` itself")


def check_helpers(case: KernelCase) -> None:
    """`constant` and `work` give arrays of the dtype, on the device, and work arrays do not overlap."""
    for dtype in ("float32", "float64"):
        like, kernels = case.backend.asarray(np.ones(5, dtype)), case.make()
        with case.subject.at("constant and work").running():
            found = {"constant": kernels.constant(0.25, like), "work": kernels.work("a", like)}
            other = kernels.work("b", like)
        for (name, array), shape in zip(found.items(), ((), (5,)), strict=True):
            subject = case.subject.at(name)
            kind = (type(array), np.dtype(array.dtype), tuple(array.shape))
            subject.require(kind == (type(like), np.dtype(dtype), shape), f"gives {kind[2]} {kind[1]} for {dtype}")
        require_close(case.subject.at("constant"), found["constant"], np.asarray(0.25, dtype))
        distinct = not np.shares_memory(found["work"], other)
        case.subject.at("work").require(distinct, "two names share memory")


CHECKS: dict[str, Callable[[KernelCase], None]] = {
    "complete": check_complete,
    "results": check_results,
    "bounds": check_bounds,
    "out": check_out,
    "helpers": check_helpers,
}
"""The checks of check_kernels, by the names that `skip` takes."""


def check_kernels(make: Callable[[], Any], *, backend: Backend | None = None, skip: Collection[str] = ()) -> None:
    """Fail unless the kernels that `make` gives answer as `kexp.backend.Kernels` do, in float32 and float64.

    `backend`: where their arrays live, NumPy unless given. `skip`: names of checks to leave out (see CHECKS).
    Raises: AssertionError that names the class, the call and what differs.
    """
    with Subject("the kernels' maker").running():
        subject = Subject(type(make()).__name__)
    run_checks("kernels", CHECKS, KernelCase(make, backend or NumpyBackend(), subject), skip)
