"""LearningRateScheduler: what it sets, what it logs, what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from kexp.callbacks import LearningRateScheduler
from kexp.core.schedule import Schedule
from kexp.errors import ArgumentError, UnknownNameError
from kexp.hookspecs import hookimpl
from kexp.optimizers import SGD
from kexp.plugins import using, with_modules

EPOCHS = [{"loss": 1.0}] * 3


class Falling(Schedule):
    def __init__(self, start: float) -> None:
        self.start = start

    def rate(self, step: int) -> float:
        return self.start / (1 + step)


class Plugin:
    __name__ = "plugin"

    @staticmethod
    @hookimpl
    def kexp_schedules() -> dict[str, type[Schedule]]:
        return {"falling": Falling}


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (lambda epoch, rate: rate * 0.5, [0.25, 0.125, 0.0625]),
        (lambda epoch: 1 / (1 + epoch), [1.0, 1 / 2, 1 / 3]),
        (lambda epoch, factor=2: factor * 2, [1.0, 2.0, 4.0]),
        (lambda *arguments: arguments[0] + arguments[1], [0.5, 1.5, 3.5]),
        (Falling(6.0), [6.0, 3.0, 2.0]),
    ],
    ids=["of epoch and rate", "of the epoch", "with a default", "of any", "a schedule"],
)
def test_the_rate_is_set_at_each_epochs_start_and_logged(model: Any, schedule: Any, expected: list[float]) -> None:
    logs = model.fit(LearningRateScheduler(schedule), EPOCHS)
    assert logs == [{"loss": 1.0, "learning_rate": rate} for rate in expected]
    assert model.optimizer.learning_rate == expected[-1]


def test_a_config_names_a_registered_schedule(model: Any) -> None:
    with using(with_modules(Plugin())):
        callback = LearningRateScheduler({"type": "falling", "start": 6.0})
        with pytest.raises(UnknownNameError):
            LearningRateScheduler("rising")
    assert [logs["learning_rate"] for logs in model.fit(callback, EPOCHS)] == [6.0, 3.0, 2.0]


def test_it_says_what_it_sets_if_verbose(model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model.fit(LearningRateScheduler(lambda epoch: 0.25, verbose=1), EPOCHS[:1])
    assert capsys.readouterr().out == "\nEpoch 1: LearningRateScheduler setting learning rate to 0.25.\n"


@pytest.mark.parametrize("rate", [None, -0.5, "fast", float("nan")])
def test_a_rate_that_is_none_is_refused(model: Any, rate: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        model.fit(LearningRateScheduler(lambda epoch: rate), EPOCHS)
    assert str(caught.value) == (
        f"learning_rate_scheduler: schedule(0) must be a finite number of at least 0. Received: {rate!r}"
    )


def test_an_error_inside_the_schedule_is_not_taken_for_a_missing_argument(model: Any) -> None:
    def broken(epoch: int, rate: float) -> float:
        raise TypeError("unsupported operand")

    with pytest.raises(TypeError, match="unsupported operand"):
        model.fit(LearningRateScheduler(broken), EPOCHS)


def test_an_optimizer_with_a_schedule_of_its_own_is_refused(model: Any) -> None:
    model.optimizer = SGD(Falling(1.0))
    with pytest.raises(ArgumentError) as caught:
        model.fit(LearningRateScheduler(lambda epoch: 0.1), EPOCHS)
    assert str(caught.value) == (
        "learning_rate_scheduler: the optimizer's learning_rate is a schedule already. Give the optimizer a number, or "
        "leave this callback out."
    )


def test_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        LearningRateScheduler(0.1)
    assert str(caught.value) == (
        "learning_rate_scheduler.schedule must be a function (epoch, rate) -> rate, or a schedule {type: name, ...}. "
        "Received: 0.1"
    )
