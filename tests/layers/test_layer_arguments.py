"""Arguments and shapes that layers refuse, by name, and the edge cases that they take as Keras does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp import constraints, initializers, regularizers
from kexp import layers as kl
from kexp.core.context import Context
from kexp.errors import ArgumentError, ShapeError
from kexp.models import Sequential


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: kl.Dropout(1.5), "rate must be a number in [0, 1]. Received: 1.5"),
        (lambda: kl.AlphaDropout(1), "rate must be a number in [0, 1). Received: 1"),
        (lambda: kl.Dropout(0.5, (2, 0)), "noise_shape must be a tuple of positive ints or None. Received: (2, 0)"),
        (lambda: kl.Dropout(0.5, "x"), "noise_shape must be a tuple of positive ints or None. Received: 'x'"),
        (lambda: kl.Reshape(4), "target_shape must be a tuple of sizes, at most one of them -1. Received: 4"),
        (lambda: kl.Reshape((-1, -1)), "target_shape must be a tuple of sizes, at most one of them -1. Received: (-1, -1)"),
        (lambda: kl.Permute(1), "dims must hold each of the numbers from 1 to the number of axes once. Received: 1"),
        (lambda: kl.Permute(("a", 2)), "dims must hold each of the numbers from 1 to the number of axes once. Received: ('a', 2)"),
        (lambda: kl.Dot(1.5), "axes must be an int or two ints, none of them 0. Received: 1.5"),
        (lambda: kl.PReLU(shared_axes="8"), "shared_axes must be an int or a list of ints. Received: '8'"),
        (lambda: kl.LayerNormalization([2, None]), "axis must be an int or a list of ints. Received: [2, None]"),
        (lambda: kl.MaxPooling2D(padding=np.array([2])), "padding must be one of 'valid', 'same'. Received: array([2])"),
        (lambda: kl.Lambda(abs, arguments=3), "arguments must map names to values. Received: 3"),
        (lambda: kl.InputLayer(784), "the shape of an InputLayer must be a tuple of sizes: (784,) with its comma. Received: 784"),
        (lambda: kl.Dense(2, input_shape=784), "input_shape must be a tuple of sizes: (784,) with its comma. Received: 784"),
        (lambda: kl.Dense(2, input_shape=(1.5,)), "input_shape must be a tuple of sizes. Received: (1.5,)"),
        (lambda: kl.Dense(2, dtype="float33"), "dtype must name a type of numbers, such as 'float32'. Received: 'float33'"),
        (lambda: kl.Dense(2, activation=5), "activation must be a name, a mapping with 'type' or a function. Received: 5"),
        (lambda: constraints.UnitNorm("a"), "axis must be an int, a list of ints or None. Received: 'a'"),
        (lambda: initializers.Constant(None), "value must be a number or an array of numbers. Received: None"),
        (lambda: initializers.HeNormal(seed="a")((2, 3)), "the seed of 'he_normal' must be an int or None. Received: 'a'"),
    ],
)  # fmt: skip
def test_wrong_values_are_refused_by_name(make: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        make()
    assert str(error.value) == message


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"kernel_initializer": 5}, "an initializer must be a name, a mapping with 'type', an object or a function (at one.kernel). Received: 5"),
        ({"kernel_regularizer": 5}, "a regularizer must be a name, a mapping with 'type', an object or a function (at one.kernel). Received: 5"),
        ({"bias_constraint": 5}, "a constraint must be a name, a mapping with 'type', an object or a function (at one.bias). Received: 5"),
        ({"kernel_initializer": initializers.HeNormal(seed=0.5)}, "the seed of 'one' must be an int or None. Received: 0.5"),
    ],
)  # fmt: skip
def test_what_starts_or_bounds_no_weight_is_refused_at_the_weight(arguments: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        kl.Dense(2, name="one", **arguments)(np.zeros((1, 3)))
    assert str(error.value) == message


@pytest.mark.parametrize(
    "layer, shapes, message",
    [
        (kl.RepeatVector(2, name="r"), [(2, 4, 2)], "layer 'r' (RepeatVector) needs an input of 2 axes, the batch's included. Received: (2, 4, 2)"),
        (kl.Dot(1, name="d"), [(1, 3), (2, 3)], "layer 'd' (Dot) needs batches of one size. Received: (1, 3), (2, 3)"),
        (kl.LayerNormalization(0), [(2, 3)], "axis must name axes behind the batch's, each once. Received: [0]"),
        (kl.LayerNormalization([2, -1]), [(2, 3, 4)], "axis must name axes behind the batch's, each once. Received: [-1, 2]"),
        (kl.PReLU(shared_axes=3), [(2, 3)], "shared_axes must be among 1 to 1, the axes behind the batch's. Received: (3,)"),
    ],
)  # fmt: skip
def test_inputs_that_do_not_fit_are_refused_by_name(layer: Any, shapes: Any, message: str) -> None:
    with pytest.raises((ArgumentError, ShapeError)) as error:
        layer(*[np.ones(shape) for shape in shapes])
    assert str(error.value) == message


def test_a_noise_shape_that_does_not_broadcast_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"must hold 1, None or the input's size \(4, 3\). Received: \(None, 2\)$"):
        kl.Dropout(0.5, (None, 2))(np.ones((4, 3)), training=True)


def test_an_axis_that_the_weight_does_not_have_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"^axis must be among the 2 axes of the weight, \(4, 5\). Received: \(2,\)$"):
        constraints.MaxNorm(axis=2)(np.ones((4, 5)))


def test_dropout_of_everything_leaves_nothing() -> None:
    y, pullback = kl.Dropout(1).forward(np.ones((3, 4)), ctx=Context(True))
    assert not y.any() and not pullback(np.ones((3, 4)))[0][0].any()


def test_dense_takes_an_empty_batch_of_sequences() -> None:
    layer = kl.Dense(4)
    layer.ensure_built((None, 2, 3))
    y, pullback = layer.forward(np.zeros((0, 2, 3), dtype="float32"), ctx=Context())
    (dx,), gradients = pullback(y)
    assert y.shape == (0, 2, 4) and dx.shape == (0, 2, 3) and not gradients["kernel"].any()


def test_unit_norm_of_no_axis_is_that_of_the_whole_weight() -> None:
    projected = constraints.UnitNorm(None)(np.full((2, 2), 3.0))
    np.testing.assert_allclose(projected, 0.5)


def test_functions_serve_as_regularizers_and_constraints() -> None:
    layer = kl.Dense(
        1,
        use_bias=False,
        kernel_initializer="ones",
        kernel_regularizer=lambda w: 0.5 * (w * w).sum(),
        kernel_constraint=lambda w: w * 0.5,
    )
    model = Sequential([layer])
    model.compile({"type": "sgd", "learning_rate": 0.1}, "mse")
    model.fit(np.zeros((4, 2)), np.zeros((4, 1)), batch_size=4, verbose=0)
    np.testing.assert_allclose(layer.get_weights()[0], [[0.45], [0.45]])  # (1 - 0.1 * 1) * 0.5
    assert regularizers.get(np.sum)(np.ones(3)) == 3
    assert constraints.get(np.abs)(np.array([-2.0])) == 2


def test_a_dtype_may_be_a_class_or_the_policy_of_keras() -> None:
    policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float64"}, "registered_name": None}
    assert kl.Dense(1, dtype=policy).get_config()["dtype"] == "float64"
    assert kl.Dense(1, dtype=np.float64).get_config()["dtype"] == "float64"


@pytest.mark.parametrize(
    "layer", [kl.MaxPooling1D(), kl.AveragePooling2D(2), kl.GlobalMaxPooling2D(), kl.SpatialDropout2D(0.5)]
)
def test_configs_hold_the_data_format_that_was_in_force(layer: Any) -> None:
    assert layer.get_config()["data_format"] == "channels_last"


def test_pooling_takes_its_name_by_position_and_any_case() -> None:
    layer = kl.MaxPooling2D(2, None, "SAME", "Channels_First", "pool")
    assert (layer.name, layer.padding, layer.data_format) == ("pool", "same", "channels_first")


@pytest.mark.parametrize("given", ["sigmoid", None])
def test_an_activation_that_is_set_later_holds_for_loss_and_config(given: str | None) -> None:
    x, y = np.random.default_rng(0).standard_normal((8, 4)), np.ones((8, 1))
    found = []
    for first, then in ((given, given), ("tanh", given)):
        layer = kl.Dense(1, first, input_shape=(4,), kernel_initializer=initializers.HeNormal(seed=1))
        layer.activation = then
        model = Sequential([layer])
        model.compile("sgd", "binary_crossentropy")
        model.set_weights([np.full((4, 1), 0.1), np.full(1, 0.3)])
        model.fit(x, y, batch_size=8, shuffle=False, verbose=0)  # else sums round differently
        found.append(model.get_weights()[0])
        assert layer.get_config()["activation"] == given
    np.testing.assert_array_equal(*found)
