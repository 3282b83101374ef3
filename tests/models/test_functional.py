"""Functional models: several inputs and outputs, shared layers, models used as layers, names."""

from __future__ import annotations

import numpy as np
import pytest

import kexp
from kexp.errors import ArgumentError, DataError, ShapeError
from kexp.layers import LSTM, Add, Concatenate, Dense, Dropout, Embedding, Input, InputLayer
from kexp.models import Model, Sequential

A, B = np.random.default_rng(0).standard_normal((2, 20, 4))


def encoder() -> Model:
    x = Input((4,), name="x")
    return Model(x, Dense(3, activation="tanh", name="code")(x), name="encoder", seed=1)


def two_ways(seed: int | None = 2) -> Model:
    a, b = Input((4,)), Input((4,))
    shared = encoder()
    joined = Add(name="sum")([shared(a), shared(b)])
    ends = {"p": Dense(1, name="p_end")(joined), "q": Dense(2, activation="softmax", name="q_end")(joined)}
    return Model({"left": a, "right": b}, ends, seed=seed)


def test_dicts_name_inputs_and_outputs() -> None:
    model = two_ways()
    assert (model.input_names, model.output_names) == (["left", "right"], ["p", "q"])
    found = model.predict({"right": B, "left": A})
    assert {name: values.shape for name, values in found.items()} == {"p": (20, 1), "q": (20, 2)}
    listed = model.predict([A, B])
    assert all(np.array_equal(found[name], listed[name]) for name in found)


def test_losses_metrics_and_weights_are_given_by_output() -> None:
    model = two_ways()
    model.compile(
        "sgd",
        loss={"p": "mse", "q": "sparse_categorical_crossentropy"},
        loss_weights={"p": 1.0, "q": 0.5},
        metrics={"q": ["accuracy"]},
    )
    logs = model.train_on_batch([A, B], {"p": A[:, :1], "q": np.zeros(20)}, return_dict=True)
    assert list(logs) == ["loss", "p_loss", "q_loss", "q_accuracy"]
    assert logs["loss"] == pytest.approx(logs["p_loss"] + 0.5 * logs["q_loss"])


def test_an_output_without_loss_needs_no_targets() -> None:
    model = two_ways()
    model.compile("sgd", loss={"p": "mse"})
    before = model.get_layer("q_end").get_weights()[0]
    model.fit([A, B], {"p": A[:, :1]}, verbose=0)
    assert np.array_equal(model.get_layer("q_end").get_weights()[0], before)


def test_a_loss_for_an_unknown_output_is_told_at_compile() -> None:
    with pytest.raises(ArgumentError) as caught:
        two_ways().compile("sgd", loss={"r": "mse"})
    assert str(caught.value) == "loss: no output is called r. Outputs: p, q"


def test_missing_inputs_are_named() -> None:
    with pytest.raises(DataError) as caught:
        two_ways().predict({"left": A, "rihgt": B})
    assert str(caught.value) == "the model has the inputs left, right. Missing: right. Unknown: rihgt."


def test_a_model_used_as_a_layer_shares_its_weights_and_is_one_entry() -> None:
    model = two_ways()
    assert [layer.name for layer in model.layers] == ["encoder", "sum", "p_end", "q_end"]
    inner = model.get_layer("encoder")
    assert model.count_params() == 15 + 4 + 8
    model.compile("sgd", loss="mse")
    model.fit([A, B], [A[:, :1], A[:, :2]], verbose=0)
    assert np.array_equal(model.get_weights()[0], inner.get_weights()[0])
    lines: list[str] = []
    model.summary(print_fn=lines.append, expand_nested=True)
    assert "encoder (Model)" in lines[0]
    assert "\n  code (Dense)" in lines[0]


def test_a_shared_model_gets_the_gradients_of_all_its_uses() -> None:
    inner = Sequential([Dense(1, use_bias=False, kernel_initializer="ones", input_shape=(1,))])
    x = Input((1,))
    model = Model(x, inner(inner(x)))
    model.compile(optimizer=kexp.optimizers.SGD(0.1), loss="mse")
    model.fit([[2.0]], [[0.0]], verbose=0)  # y = w² x: dloss/dw = 2 y * 2 w x = 16
    assert model.get_weights()[0].item() == pytest.approx(1 - 0.1 * 16)


def test_models_that_share_layers_can_be_trained_in_turn() -> None:
    model = two_ways()
    inner = model.get_layer("encoder")
    model.compile("sgd", loss="mse")
    inner.compile("sgd", loss="mse")
    for trained in (inner, model, inner):
        before = inner.get_weights()[0]
        if trained is inner:
            inner.fit(A, np.ones((20, 3)), verbose=0)
        else:
            model.fit([A, B], [A[:, :1], A[:, :2]], verbose=0)
        assert not np.array_equal(inner.get_weights()[0], before)
        assert np.array_equal(inner.get_weights()[0], model.get_weights()[0])


def test_a_seed_decides_the_start_values() -> None:
    one, same, other = two_ways(5), two_ways(5), two_ways(6)
    assert np.array_equal(one.get_weights()[-2], same.get_weights()[-2])
    assert not np.array_equal(one.get_weights()[-2], other.get_weights()[-2])


def test_layers_without_names_are_numbered_in_the_model() -> None:
    x = Input((2,))
    model = Model(x, Dense(1)(Dense(3)(x)))
    assert [layer.name for layer in model.layers] == ["dense_1", "dense_2"]


def test_layers_stand_in_the_order_of_keras() -> None:
    a, b = Input((4,)), Input((4,))
    left = Dense(2, name="a2")(Dense(2, name="a1")(a))
    right = Dense(2, name="b2")(Dense(2, name="b1")(b))
    model = Model([a, b], Concatenate(name="join")([left, right]))
    assert [layer.name for layer in model.layers] == ["a1", "b1", "a2", "b2", "join"]


def test_a_layer_knows_its_place() -> None:
    x = Input((2,))
    layer = Dense(3)
    y = layer(x)
    assert (layer.input, layer.output, layer.output_shape) == (x, y, (None, 3))


def test_a_model_for_a_wrong_input_names_both_shapes() -> None:
    with pytest.raises(ShapeError) as caught:
        encoder()(Input((5,)))
    assert str(caught.value) == "model 'encoder' takes inputs of shape (None, 4). Received: (None, 5)"


def test_a_missing_return_sequences_is_pointed_at() -> None:
    with pytest.raises(ShapeError) as caught:
        Sequential([LSTM(3, input_shape=(5, 2), name="first"), LSTM(3)])
    assert str(caught.value).endswith("\nLayer 'first' gives its last step alone: set return_sequences=True there.")


def test_input_takes_batch_shape_and_dtype() -> None:
    x = Input(batch_shape=(8, 3), dtype="int32", name="words")
    assert (x.shape, x.dtype, x.name) == ((8, 3), "int32", "words")
    assert Input((3,), 8).shape == (8, 3)
    with pytest.raises(ArgumentError) as caught:
        Input()
    assert str(caught.value) == "Input needs either shape or batch_shape. Received: shape=None, batch_shape=None"


def test_whole_numbers_reach_the_layer_as_they_are() -> None:
    x = Input((2,), dtype="int32")
    model = Model(x, Embedding(2**24 + 2, 1, embeddings_initializer="zeros")(x))
    seen: list[str] = []
    layer = model.layers[0]
    forward = layer.forward
    layer.forward = lambda values, ctx: (seen.append(str(values.dtype)), forward(values, ctx=ctx))[1]
    model.predict(np.array([[1, 2**24 + 1]]))
    assert seen == ["int32"]


@pytest.mark.parametrize("shape", [(None, 10), (10,)])
def test_a_leading_none_of_an_input_layer_is_the_batch_axis_for_such_data(shape: tuple[int | None, ...]) -> None:
    model = Sequential([InputLayer(input_shape=shape), Dense(20), Dropout(0.5), Dense(1)])
    assert model.predict(np.zeros((7, 10))).shape == (7, 1)


def test_a_leading_none_stays_the_time_axis_for_series() -> None:
    model = Sequential([InputLayer(input_shape=(None, 10)), LSTM(3)])
    assert model.predict(np.zeros((7, 5, 10))).shape == (7, 3)


def test_predict_classes_gives_numbers_of_classes() -> None:
    model = Sequential([Dense(3, activation="softmax", input_shape=(4,))])
    assert np.array_equal(model.predict_classes(A), model.predict_proba(A).argmax(-1))
    binary = Sequential([Dense(1, activation="sigmoid", input_shape=(4,))])
    assert np.array_equal(binary.predict_classes(A), (binary.predict(A) > 0.5).astype(int))
