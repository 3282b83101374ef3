"""The schedules against Keras (tests/fixtures/schedules.json), their contract, and wrong arguments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp.core.component import resolve
from kexp.errors import ArgumentError
from kexp.optimizers import SGD, schedules
from kexp.optimizers.schedules import (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
from kexp.testing import check_schedule

FIXTURE = json.loads((Path(__file__).parents[1] / "fixtures" / "schedules.json").read_text())


def label(case: Any) -> str:
    return f"{case[0]}({', '.join(f'{key}={value}' for key, value in case[1].items())})"


@pytest.mark.parametrize(("name", "config", "expected"), FIXTURE["cases"], ids=map(label, FIXTURE["cases"]))
def test_rates_are_those_of_keras(name: str, config: dict[str, Any], expected: list[float]) -> None:
    schedule = resolve("schedule", {"type": name, **config})
    found = [schedule.rate(step) for step in FIXTURE["steps"]]
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-12)
    assert isinstance(schedule, getattr(schedules, name))


@pytest.mark.parametrize(("name", "config", "expected"), FIXTURE["cases"], ids=map(label, FIXTURE["cases"]))
def test_schedules_keep_the_contract(name: str, config: dict[str, Any], expected: list[float]) -> None:
    check_schedule(lambda: resolve("schedule", {"type": name, **config}))


@pytest.mark.parametrize("t_mul", [2.0, 3.0, 5.0, 10.0])
def test_a_restart_is_at_the_top_at_its_very_step(t_mul: float) -> None:
    schedule = CosineDecayRestarts(0.5, 7, t_mul=t_mul)
    restarts = [round(7 * (1 - t_mul**i) / (1 - t_mul)) for i in range(5)]
    assert [schedule.rate(step) for step in restarts] == pytest.approx([0.5] * 5)
    assert schedule.rate(restarts[-1] - 1) < 0.25


def test_an_optimizer_reads_its_schedule_before_the_step_is_counted() -> None:
    sgd = SGD(ExponentialDecay(1.0, 1, 0.5))
    w, g = np.zeros(1), np.ones(1)
    sgd.build(w, g, [slice(0, 1)])
    for expected in (-1.0, -1.5, -1.75):
        g[:] = 1
        sgd.apply()
        assert w[0] == expected
    assert sgd.learning_rate == 0.125


def test_an_optimizer_takes_its_schedule_from_a_config() -> None:
    sgd = SGD({"type": "polynomial_decay", "initial_learning_rate": 0.5, "decay_steps": 10})
    assert isinstance(sgd.schedule, PolynomialDecay)
    assert sgd.get_config()["learning_rate"]["type"] == "polynomial_decay"


def test_a_schedule_may_define_call_as_in_keras() -> None:
    class Halving(schedules.LearningRateSchedule):
        def __call__(self, step: int) -> float:
            return 0.5**step

    sgd = SGD(Halving())
    assert sgd.learning_rate == 1.0
    sgd.iterations = 2
    assert sgd.learning_rate == 0.25


def test_a_schedule_without_a_rate_is_not_implemented() -> None:
    with pytest.raises(NotImplementedError):
        schedules.Schedule().rate(0)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: ExponentialDecay(0.1, 0, 0.5), "decay_steps must be a finite number above 0. Received: 0"),
        (lambda: CosineDecay(0.1, -1), "decay_steps must be a finite number above 0. Received: -1"),
        (lambda: CosineDecayRestarts(0.1, 0), "first_decay_steps must be a finite number above 0. Received: 0"),
        (
            lambda: PolynomialDecay(-0.1, 1),
            "initial_learning_rate must be a finite number of at least 0. Received: -0.1",
        ),
        (
            lambda: PiecewiseConstantDecay([10], [0.1]),
            "values must be one more than boundaries. Received: 1 values, 1 boundaries",
        ),
        (lambda: PiecewiseConstantDecay([10, 5], [0.1, 0.2, 0.3]), "boundaries must ascend. Received: [10, 5]"),
    ],
)
def test_wrong_arguments_are_named(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == text
