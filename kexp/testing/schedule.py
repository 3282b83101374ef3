"""check_schedule: the contract of learning-rate schedules."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

from kexp.core.schedule import Schedule
from kexp.testing.config import require_round_trip
from kexp.testing.report import Subject, run_checks


@dataclass(frozen=True)
class ScheduleCase:
    """A schedule under test."""

    make: Callable[[], Schedule]
    steps: int
    subject: Subject

    def rates(self, schedule: Schedule) -> list[float]:
        """The rates of all steps, in order."""
        with self.subject.running():
            return [schedule.rate(step) for step in range(self.steps)]


def check_rates(case: ScheduleCase) -> None:
    """Each rate is a Python float, finite and not below 0."""
    for step, rate in enumerate(case.rates(case.make())):
        subject = case.subject.at(f"step {step}")
        subject.require(type(rate) is float, f"the rate is a {type(rate).__name__}, not a float")
        subject.require(math.isfinite(rate) and rate >= 0, f"the rate is {rate}")


def check_memory(case: ScheduleCase) -> None:
    """The rate of a step does not depend on which were asked for before: a resumed run starts in the middle."""
    want, schedule = case.rates(case.make()), case.make()
    for step in [*reversed(range(case.steps)), *range(case.steps)]:
        rate = schedule.rate(step)
        said = f"the rate is {rate}, but {want[step]} where the steps come in order"
        case.subject.at(f"step {step}").require(rate == want[step], said)


def check_config(case: ScheduleCase) -> None:
    """get_config survives JSON and makes the same schedule."""
    want = case.rates(case.make())

    def same(subject: Subject, twin: Schedule) -> None:
        for step, rate in enumerate(case.rates(twin)):
            subject.at(f"step {step}").require(rate == want[step], f"the rate is {rate}, not {want[step]}")

    require_round_trip(case.subject, case.make(), same)


CHECKS: dict[str, Callable[[ScheduleCase], None]] = {
    "rates": check_rates,
    "memory": check_memory,
    "config": check_config,
}
"""The checks of check_schedule, by the names that `skip` takes."""


def check_schedule(make: Callable[[], Schedule], steps: int = 50, *, skip: Collection[str] = ()) -> None:
    """Fail unless the schedules that `make` gives keep the contract for the first `steps` steps.

    Raises: AssertionError that names the class, the step and what differs.
    """
    with Subject("the schedule's maker").running():
        subject = Subject(type(make()).__name__)
    run_checks("schedules", CHECKS, ScheduleCase(make, steps, subject), skip)
