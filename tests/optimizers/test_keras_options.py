"""Options of optimizers that need the model: spared weights, scaled losses, rates that are functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.errors import ArgumentError, StateError
from kexp.layers import Dense
from kexp.models import Sequential
from kexp.optimizers import SGD, Adam, Optimizer


def trained(optimizer: Optimizer, *, penalty: Any = None, steps: int = 2) -> Sequential:
    layers = [Dense(3, activity_regularizer=penalty, name="first"), Dense(1, kernel_regularizer=penalty, name="last")]
    model = Sequential(layers)
    model.build((None, 4))
    for weight in model.weights:
        weight.assign(np.full(weight.shape, 0.3))
    model.compile(optimizer, "mse")
    model.fit(np.ones((8, 4)), np.ones((8, 1)), batch_size=8, epochs=steps, verbose=0)
    return model


@pytest.mark.parametrize("penalty", [None, "l2"])
def test_a_scaled_loss_makes_the_same_steps(penalty: Any) -> None:
    plain, scaled = (trained(Adam(0.1, loss_scale_factor=factor), penalty=penalty) for factor in (None, 64.0))
    for one, other in zip(plain.get_weights(), scaled.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_apply_divides_the_gradient_by_the_loss_scale() -> None:
    optimizer = SGD(1.0, loss_scale_factor=4.0)
    w, g = np.zeros(2), np.array([8.0, 4.0])
    optimizer.build(w, g, [slice(0, 2)])
    optimizer.apply()
    np.testing.assert_array_equal(w, [-2.0, -1.0])


@pytest.mark.parametrize("by_name", [True, False])
def test_spared_weights_do_not_decay(by_name: bool) -> None:
    optimizer, model = SGD(0.0, weight_decay=0.5), Sequential([Dense(2, name="one")])
    model.build((None, 2))
    spared = model.weights[1]
    optimizer.exclude_from_weight_decay(var_names=["bias"]) if by_name else optimizer.exclude_from_weight_decay(
        [spared]
    )
    spared.assign(np.ones(2))
    kernel = model.weights[0].numpy()
    optimizer.learning_rate = 1.0
    model.compile(optimizer, "mse")
    model.train_on_batch(np.zeros((1, 2)), np.ones((1, 2)))  # so that no gradient moves either weight
    np.testing.assert_allclose(model.weights[0].numpy(), kernel * 0.5, rtol=1e-6)
    np.testing.assert_array_equal(spared.numpy(), np.ones(2))


def test_sparing_comes_before_the_first_step_and_takes_weights() -> None:
    optimizer = Adam(weight_decay=0.1)
    trained(optimizer, steps=1)
    with pytest.raises(StateError) as caught:
        optimizer.exclude_from_weight_decay(var_names=["bias"])
    assert str(caught.value) == "optimizer 'adam' is built already; call exclude_from_weight_decay before that"
    with pytest.raises(ArgumentError) as wrong:
        Adam().exclude_from_weight_decay(var_list=[3])  # type: ignore[list-item]
    assert str(wrong.value) == "var_list must hold weights, such as layer.weights. Received: 3"


def test_a_rate_may_be_a_function() -> None:
    calls: list[int] = []

    def without() -> float:
        calls.append(1)
        return 0.5

    for rate, expected in ((without, 1.0), (lambda step: 0.5**step, 1.5)):
        optimizer = SGD(rate)
        w, g = np.zeros(1), np.ones(1)
        optimizer.build(w, g, [slice(0, 1)])
        for _ in range(2):
            g[:] = 1.0
            optimizer.apply()
        assert -w[0] == expected
    assert len(calls) == 2


def test_a_class_is_no_rate() -> None:
    with pytest.raises(ArgumentError, match="learning_rate must be a finite number of at least 0"):
        SGD(Adam)
