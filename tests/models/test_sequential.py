"""Sequential and functional models: structure, names, weights, summary, prediction."""

from __future__ import annotations

import numpy as np
import pytest

import kexp
from kexp.errors import ArgumentError, ShapeError, StateError, UnknownNameError
from kexp.layers import Activation, Dense, Dropout, Flatten, Input, InputLayer, Reshape
from kexp.models import Model, Sequential


def xor_model() -> Sequential:
    model = Sequential()
    model.add(Dense(8, activation="relu", input_dim=2))
    model.add(Dense(4, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    return model


def test_the_tutorials_xor_model_has_65_parameters_and_numbered_names() -> None:
    model = xor_model()
    assert model.count_params() == 65
    assert [layer.name for layer in model.layers] == ["dense_1", "dense_2", "dense_3"]
    assert model.output_shape == (None, 1)
    assert model.input_shape == (None, 2)


def test_summary_shows_layers_shapes_and_totals() -> None:
    lines: list[str] = []
    xor_model().summary(print_fn=lines.append)
    text = "\n".join(lines)
    assert "dense_1 (Dense)  (None, 8)          24" in text
    assert "Total params: 65 (260 B)\nTrainable params: 65 (260 B)\nNon-trainable params: 0 (0 B)" in text


def test_summary_counts_frozen_weights() -> None:
    model = xor_model()
    model.layers[0].trainable = False
    lines: list[str] = []
    model.summary(print_fn=lines.append, show_trainable=True)
    assert "Trainable params: 41 (164 B)\nNon-trainable params: 24 (96 B)" in "\n".join(lines)


def test_a_model_without_input_shape_is_built_by_its_first_data() -> None:
    model = Sequential([Dense(3), Dense(2)])
    with pytest.raises(StateError, match="its input shape is not known"):
        model.count_params()
    assert model.predict(np.zeros((4, 5))).shape == (4, 2)
    assert model.count_params() == 5 * 3 + 3 + 3 * 2 + 2


def test_list_add_input_and_build_make_equal_models() -> None:
    listed = Sequential([Dense(3, input_shape=(2,)), Dense(1)], seed=5)
    added = Sequential(seed=5)
    added.add(Input((2,)))
    added.add(Dense(3))
    added.add(Dense(1))
    built = Sequential([Dense(3), Dense(1)], seed=5)
    built.build((None, 2))
    for other in (added, built):
        assert all(np.array_equal(a, b) for a, b in zip(listed.get_weights(), other.get_weights(), strict=True))


def test_an_input_layer_states_the_shape() -> None:
    model = Sequential([InputLayer(input_shape=(10,)), Dense(20, activation="relu"), Dense(1, activation="sigmoid")])
    assert model.count_params() == 241


def test_pop_takes_the_last_layer_off() -> None:
    model = xor_model()
    kept = model.get_weights()[:4]
    model.pop()
    assert model.output_shape == (None, 4)
    assert all(np.array_equal(a, b) for a, b in zip(kept, model.get_weights(), strict=True))


def test_weights_can_be_read_and_written() -> None:
    model, other = xor_model(), xor_model()
    other.set_weights(model.get_weights())
    x = np.random.default_rng(0).standard_normal((5, 2))
    assert np.array_equal(model.predict(x), other.predict(x))


def test_wrong_weights_change_nothing() -> None:
    model = xor_model()
    before = model.get_weights()
    with pytest.raises(ShapeError) as caught:
        model.set_weights([*before[:-1], np.zeros(2)])
    assert str(caught.value) == "weight 'dense_3/bias' has the shape (1,). Received: (2,)"
    with pytest.raises(ShapeError, match="model 'sequential' has 6 weights. Received: 1 arrays"):
        model.set_weights(before[:1])
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_predictions_do_not_depend_on_the_batch_size() -> None:
    model = xor_model()
    x = np.random.default_rng(0).standard_normal((37, 2))
    np.testing.assert_allclose(model.predict(x, batch_size=5), model.predict(x, batch_size=37), atol=1e-6)


def test_predictions_are_not_overwritten_by_the_next_call() -> None:
    model = xor_model()
    first = model.predict(np.zeros((3, 2)))
    kept = first.copy()
    model.predict(np.ones((3, 2)))
    assert np.array_equal(first, kept)


def test_the_same_net_both_ways_has_equal_outputs() -> None:
    stacked = Sequential([Dense(4, activation="tanh", name="a", input_shape=(3,)), Dense(2, name="b")], seed=3)
    x = Input((3,))
    functional = Model(x, Dense(2, name="b")(Dense(4, activation="tanh", name="a")(x)), seed=3)
    functional.set_weights(stacked.get_weights())
    batch = np.random.default_rng(1).standard_normal((6, 3))
    assert np.array_equal(stacked.predict(batch), functional.predict(batch))


def test_a_shared_layer_gets_the_sum_of_its_gradients() -> None:
    shared = Dense(1, use_bias=False, kernel_initializer="ones")
    x = Input((1,))
    model = Model(x, shared(shared(x)))
    model.compile(optimizer=kexp.optimizers.SGD(0.1), loss="mse")
    model.fit([[2.0]], [[0.0]], verbose=0)  # y = w² x: dloss/dw = 2 y * 2 w x = 16
    assert model.get_weights()[0].item() == pytest.approx(1 - 0.1 * 16)


def test_layers_can_be_found_by_name_and_index() -> None:
    model = xor_model()
    assert model.get_layer("dense_2") is model.get_layer(index=1)
    with pytest.raises(UnknownNameError, match="Did you mean 'dense_2'"):
        model.get_layer("dens_2")


def test_set_random_seed_repeats_models_but_not_within_one_program() -> None:
    kexp.utils.set_random_seed(3)
    first, second = xor_model(), xor_model()
    kexp.utils.set_random_seed(3)
    again = xor_model()
    assert np.array_equal(first.get_weights()[0], again.get_weights()[0])
    assert not np.array_equal(first.get_weights()[0], second.get_weights()[0])


def test_flatten_and_reshape_are_each_others_inverse() -> None:
    model = Sequential([Flatten(input_shape=(2, 3)), Reshape((3, -1))])
    assert model.output_shape == (None, 3, 2)
    x = np.arange(12.0).reshape(2, 2, 3)
    assert np.array_equal(model.predict(x).ravel(), x.ravel())


def test_reshape_to_another_number_of_values_is_an_error() -> None:
    with pytest.raises(ShapeError) as caught:
        Sequential([Reshape((4, 2), input_shape=(2, 3))])
    assert str(caught.value) == (
        "layer 'reshape_1' (Reshape): samples of shape (2, 3) hold 6 values and cannot become (4, 2)"
    )


def test_dropout_keeps_its_share_in_training_and_everything_in_prediction() -> None:
    layer = Dropout(0.3, seed=1)
    x = np.ones((200, 500), dtype="float32")
    dropped = layer(x, training=True)
    assert abs((dropped > 0).mean() - 0.7) < 0.01
    assert np.allclose(dropped[dropped > 0], 1 / 0.7)
    assert np.array_equal(layer(x), x)


def test_activation_layer_equals_the_argument() -> None:
    a = Sequential([Dense(3, activation="tanh", input_shape=(2,))], seed=1)
    b = Sequential([Dense(3, input_shape=(2,)), Activation("tanh")], seed=1)
    x = np.random.default_rng(0).standard_normal((4, 2))
    assert np.array_equal(a.predict(x), b.predict(x))


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Sequential([Dense]), "only layers can be added to a Sequential model. Received: <class 'kexp_plugins.layers.dense.Dense'>. Have you forgotten the ()?"),
        (lambda: Sequential([Dense(2, name="a"), Dense(2, name="a")]).build((None, 1)), "two layers of the model are called 'a'; layer names must differ"),
        (lambda: Dense(0), "units must be a positive int. Received: 0"),
        (lambda: Dense(2, name="a/b"), "a layer's name must be a non-empty text without '/'. Received: 'a/b'"),
        (lambda: Dropout(1.5), "rate must be a number in [0, 1]. Received: 1.5"),
        (lambda: Dense(2, activation="rleu"), "no activation is called 'rleu'.\nDid you mean 'relu'?"),
    ],
)  # fmt: skip
def test_mistakes_are_named(make: object, message: str) -> None:
    with pytest.raises((ArgumentError, UnknownNameError)) as caught:
        make()  # type: ignore[operator]
    assert str(caught.value).startswith(message)
