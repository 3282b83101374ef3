"""The base class of optimizers: arguments, frozen stretches, state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.core.schedule import Schedule
from kexp.errors import ArgumentError, ShapeError, StateError
from kexp.optimizers import SGD, Adam, AdamW, Optimizer, RMSprop, get

ALL: list[Any] = [
    lambda: SGD(0.1),
    lambda: SGD(0.1, momentum=0.9, nesterov=True),
    lambda: Adam(0.1, amsgrad=True, clipnorm=0.5),
    lambda: AdamW(0.1, use_ema=True, ema_overwrite_frequency=2),
    lambda: RMSprop(0.1, momentum=0.5, centered=True, gradient_accumulation_steps=2, global_clipnorm=0.5),
]


class Halving(Schedule):
    def rate(self, step: int) -> float:
        return 0.5**step


def built(optimizer: Optimizer, *, size: int = 6, segments: list[slice] | None = None) -> tuple[Any, Any]:
    w, g = np.linspace(-1, 1, size), np.zeros(size)
    optimizer.build(w, g, segments or [slice(0, 2), slice(2, size)])
    return w, g


def train(optimizer: Optimizer, g: Any, steps: range) -> None:
    for step in steps:
        g[:] = np.random.default_rng(step).standard_normal(len(g))
        optimizer.apply()


@pytest.mark.parametrize("make", ALL)
def test_frozen_stretches_stay_as_they_are(make: Any) -> None:
    optimizer = make()
    w, g = built(optimizer, segments=[slice(0, 2), slice(4, 6)])
    before = w.copy()
    train(optimizer, g, range(6))
    assert (w[2:4] == before[2:4]).all()
    assert (w[[0, 1, 4, 5]] != before[[0, 1, 4, 5]]).all()


@pytest.mark.parametrize("make", [*ALL[:2], lambda: Adam(0.1, clipvalue=0.1), lambda: RMSprop(0.1)])
def test_a_step_does_not_depend_on_how_the_vector_is_divided(make: Any) -> None:
    found = []
    for segments in ([slice(0, 6)], [slice(0, 1), slice(1, 4), slice(4, 6)]):
        optimizer = make()
        w, g = built(optimizer, segments=segments)
        train(optimizer, g, range(5))
        found.append(w)
    assert (found[0] == found[1]).all()


def test_clipnorm_looks_at_each_weight_and_global_clipnorm_at_all() -> None:
    gradient = np.array([3.0, 4.0, 0.3, 0.0, 0.0, 0.4])
    for config, expected in (
        ({"clipnorm": 1.0}, [0.6, 0.8, 0.3, 0.0, 0.0, 0.4]),
        ({"global_clipnorm": 1.0}, gradient / np.sqrt(25.25)),
        ({"clipvalue": 1.0}, [1.0, 1.0, 0.3, 0.0, 0.0, 0.4]),
    ):
        optimizer = SGD(1.0, **config)
        w, g = built(optimizer)
        start, g[:] = w.copy(), gradient
        optimizer.apply()
        np.testing.assert_allclose(start - w, expected, atol=1e-15)


def test_released_weights_go_on_with_the_state_they_had() -> None:
    optimizer = SGD(0.1, momentum=0.9)
    w, g = built(optimizer)
    train(optimizer, g, range(3))
    velocity = optimizer.state["momentum"].copy()
    optimizer.build(w, g, [slice(0, 2)])
    train(optimizer, g, range(3, 5))
    assert (optimizer.state["momentum"][2:] == velocity[2:]).all()
    optimizer.build(w, g, [slice(0, 2), slice(2, 6)])
    start, g[:] = w.copy(), 0.0
    optimizer.apply()
    np.testing.assert_allclose((w - start)[2:], 0.9 * velocity[2:])


def test_a_model_of_another_size_needs_a_new_optimizer() -> None:
    optimizer = Adam()
    built(optimizer)
    with pytest.raises(ShapeError) as caught:
        built(optimizer, size=7)
    assert str(caught.value) == "optimizer 'adam' has state for a model of another size; make a new optimizer"


def test_a_schedule_is_read_before_the_step_is_counted() -> None:
    optimizer = SGD(Halving())
    w, g = built(optimizer)
    start = w.copy()
    for _ in range(3):
        g[:] = 1.0
        optimizer.apply()
    np.testing.assert_allclose(start - w, 1 + 0.5 + 0.25)
    assert optimizer.iterations == 3
    assert optimizer.learning_rate == 0.125
    assert isinstance(optimizer.schedule, Halving)


def test_a_rate_that_is_set_holds_from_the_next_step_on() -> None:
    optimizer = SGD(1.0)
    w, g = built(optimizer)
    start, g[:] = w.copy(), 1.0
    optimizer.apply()
    optimizer.learning_rate, g[:] = 0.25, 1.0
    optimizer.apply()
    np.testing.assert_allclose(start - w, 1.25)
    assert optimizer.get_config()["learning_rate"] == 0.25


@pytest.mark.parametrize("early", [True, False], ids=["set before build", "set after build"])
@pytest.mark.parametrize("make", ALL)
def test_training_goes_on_from_a_saved_state_bit_for_bit(make: Any, early: bool) -> None:
    undisturbed, resumed = make(), make()
    w, g = built(undisturbed)
    train(undisturbed, g, range(3))
    saved, weights = undisturbed.get_state(), w.copy()
    undisturbed.learning_rate = saved["learning_rate"] = 0.07
    train(undisturbed, g, range(3, 8))
    if early:
        resumed.set_state(saved)
    w2, g2 = built(resumed)
    if not early:
        resumed.set_state(saved)
    w2[:] = weights
    train(resumed, g2, range(3, 8))
    assert (w2 == w).all()
    assert resumed.iterations == 8


@pytest.mark.parametrize("make", [lambda: SGD(0.1, momentum=0.9), lambda: RMSprop(0.1, momentum=0.5, centered=True)])
def test_the_state_of_a_weight_without_gradient_becomes_0_and_not_subnormal(make: Any) -> None:
    optimizer = make()
    w, g = np.ones(3, np.float32), np.zeros(3, np.float32)
    optimizer.build(w, g, [slice(0, 3)])
    for values in optimizer.state.values():
        values[:] = 1e-37
    for _ in range(32):
        g[:] = 0.0
        optimizer.apply()
    assert all((values == 0).all() for values in optimizer.state.values())


def test_the_state_of_another_optimizer_is_refused() -> None:
    adam, sgd = Adam(), SGD(momentum=0.9)
    built(adam)
    with pytest.raises(StateError) as caught:
        sgd.set_state(adam.get_state())
    assert str(caught.value) == "optimizer 'sgd' keeps momentum. Received the state of another one: m, v"


def test_the_state_of_another_model_is_refused() -> None:
    one, other = Adam(), Adam()
    built(one)
    built(other, size=7)
    with pytest.raises(ShapeError) as caught:
        other.set_state(one.get_state())
    assert str(caught.value) == "optimizer 'adam' has 7 numbers in 'm'. Received: 6"


@pytest.mark.parametrize("make", ALL)
def test_a_config_makes_the_optimizer_again(make: Any) -> None:
    optimizer = make()
    twin = get({"type": optimizer.registered_name(), **optimizer.get_config()})
    assert type(twin) is type(optimizer)
    assert twin.get_config() == optimizer.get_config()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: SGD(clipnorm=1.0, clipvalue=2.0),
            "at most one of clipnorm, clipvalue, global_clipnorm may be given. Received: "
            "{'clipnorm': 1.0, 'clipvalue': 2.0}",
        ),
        (lambda: SGD(clipnorm=0), "clipnorm must be a finite number above 0. Received: 0"),
        (lambda: SGD(-1.0), "learning_rate must be a finite number of at least 0. Received: -1.0"),
        (lambda: SGD(momentum=1.5), "momentum must be a number from 0 to 1. Received: 1.5"),
        (lambda: SGD(momentum="big"), "momentum must be a finite number of at least 0. Received: 'big'"),
        (lambda: Adam(beta_1=1.0), "beta_1 must be a number in [0, 1). Received: 1.0"),
        (lambda: RMSprop(rho=1.0), "rho must be a number in [0, 1). Received: 1.0"),
        (lambda: AdamW(weight_decay=None), "weight_decay must be a finite number of at least 0. Received: None"),
        (
            lambda: SGD(use_ema=True, ema_overwrite_frequency=0),
            "ema_overwrite_frequency must be a positive int. Received: 0",
        ),
        (
            lambda: SGD(gradient_accumulation_steps=0.5),
            "gradient_accumulation_steps must be a positive int. Received: 0.5",
        ),
    ],
)
def test_wrong_arguments_are_named(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == text


def test_defaults_are_those_of_keras() -> None:
    assert SGD().get_config() | {"name": None} == {
        "learning_rate": 0.01, "momentum": 0.0, "nesterov": False, "weight_decay": None, "clipnorm": None,
        "clipvalue": None, "global_clipnorm": None, "use_ema": False, "ema_momentum": 0.99,
        "ema_overwrite_frequency": None, "loss_scale_factor": None, "gradient_accumulation_steps": None, "name": None,
    }  # fmt: skip
    assert {"learning_rate": 0.001, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False}.items() <= (
        RMSprop().get_config().items()
    )
    assert {"learning_rate": 0.001, "weight_decay": 0.004, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}.items() <= (
        AdamW().get_config().items()
    )
