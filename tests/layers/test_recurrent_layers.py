"""Recurrent layers: options, errors, states, and what wraps them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.core.context import Context
from kexp.core.streams import Streams
from kexp.errors import ArgumentError, ShapeError
from kexp.layers import GRU, LSTM, RNN, Bidirectional, Dense, GRUCell, Input, LSTMCell, SimpleRNN, TimeDistributed
from kexp.models import Model, Sequential
from kexp.testing import check_layer

X = np.random.default_rng(0).standard_normal((4, 5, 3)).astype("float32")
MASK = np.array([[1, 1, 1, 0, 0], [1, 0, 0, 0, 0], [1, 1, 1, 1, 1], [0, 1, 0, 1, 0]], dtype=bool)


def masked(rng: np.random.Generator) -> list[Any]:
    return [(rng.standard_normal((4, 5, 3)), MASK)]


@pytest.mark.parametrize("cls", [SimpleRNN, LSTM, GRU])
@pytest.mark.parametrize(
    "options",
    [
        {"return_sequences": True, "return_state": True, "go_backwards": True},
        {"dropout": 0.3, "recurrent_dropout": 0.2, "return_sequences": True},
        {"dropout": 0.3},
        {"zero_output_for_mask": True, "return_sequences": True},
    ],
)
def test_options_keep_the_contract_with_a_mask(cls: Any, options: dict[str, Any]) -> None:
    check_layer(lambda: cls(2, **options), (4, 5, 3), inputs=masked)


def test_gru_with_reset_before_the_product_keeps_the_contract() -> None:
    check_layer(lambda: GRU(2, reset_after=False, recurrent_dropout=0.2), (4, 5, 3), inputs=masked)


def test_first_states_are_inputs() -> None:
    check_layer(lambda: LSTM(2, return_state=True), [(4, 5, 3), (4, 2), (4, 2)])


def test_a_stack_of_cells_keeps_the_contract() -> None:
    check_layer(lambda: RNN([LSTMCell(2), LSTMCell(3)], return_sequences=True), (4, 5, 3), inputs=masked)


@pytest.mark.parametrize("mode", ["sum", "mul", "ave", "concat", None])
def test_bidirectional_keeps_the_contract(mode: Any) -> None:
    check_layer(lambda: Bidirectional(LSTM(2, return_sequences=True), merge_mode=mode), (4, 5, 3), inputs=masked)


def test_initial_state_may_be_given_by_keyword() -> None:
    layer, states = LSTM(2), [np.ones((4, 2), "float32"), np.zeros((4, 2), "float32")]
    assert np.array_equal(layer(X, initial_state=states), layer([X, *states]))
    assert not np.allclose(layer(X, initial_state=states), layer(X))


def test_masked_steps_change_nothing() -> None:
    layer = LSTM(2, return_sequences=True)
    y = layer(X, mask=MASK)
    assert np.array_equal(y[0, 2], y[0, 4]) and np.array_equal(y[1, 0], y[1, 4])
    assert not np.array_equal(y[2, 3], y[2, 4])


def test_stateful_goes_on_where_it_was_and_reset_state_forgets() -> None:
    layer = GRU(2, stateful=True)
    layer(X[:, :2])
    later = layer(X[:, 2:])
    layer.reset_state()
    plain = GRU(2)
    plain(X)
    plain.set_weights(layer.get_weights())
    assert np.allclose(later, plain(X), atol=1e-6)
    assert np.allclose(layer(X), plain(X), atol=1e-6)


def test_stateful_refuses_another_batch_size() -> None:
    layer = GRU(2, stateful=True, name="memory")
    layer(X)
    with pytest.raises(ShapeError) as error:
        layer(X[:2])
    assert str(error.value) == (
        "layer 'memory' is stateful and holds the states of 4 samples. Received: a batch of 2. "
        "Call reset_state() first, or use batches of one size."
    )


def test_lstm_after_lstm_without_sequences_says_what_to_do() -> None:
    with pytest.raises(ShapeError) as error:
        Sequential([Input((5, 3)), LSTM(4), LSTM(2, name="upper")])
    assert str(error.value) == (
        "layer 'upper' (LSTM) takes sequences of shape (n, t, d). Received: (None, 4). "
        "If the layer before it is recurrent, give that layer `return_sequences: true`.\n"
        "Layer 'lstm_1' gives its last step alone: set return_sequences=True there."
    )


def test_a_wrong_number_of_states_is_an_error() -> None:
    with pytest.raises(ShapeError, match=r"^layer 'lstm' has 2 states. Received: 1 initial states$"):
        LSTM(2)([X, X[:, 0, :2]])


def test_bidirectional_refuses_twins_in_one_direction() -> None:
    with pytest.raises(ArgumentError) as error:
        Bidirectional(LSTM(2), backward_layer=LSTM(2))
    assert str(error.value) == "layer and backward_layer must differ in go_backwards. Received: False for both"


def test_bidirectional_refuses_layers_without_direction() -> None:
    with pytest.raises(ArgumentError, match=r"^layer must be a recurrent layer\. Received: Dense\(2\)$"):
        Bidirectional(Dense(2))


def test_counts_of_weights_are_those_of_keras() -> None:
    layer = LSTM(128)
    layer.ensure_built((None, None, 100))
    assert layer.count_params() == 117_248
    assert layer.cell.bias[128:256].tolist() == [1.0] * 128 and not layer.cell.bias[:128].any()


def test_weights_of_inner_layers_have_paths() -> None:
    model = Sequential([Input((None, 3)), Bidirectional(LSTM(2), name="both")])
    assert [weight.path for weight in model.weights][:2] == [
        "both/forward_layer/cell/kernel",
        "both/forward_layer/cell/recurrent_kernel",
    ]
    assert list(model.layers[0].named_weights())[-1] == "backward_layer/cell/bias"


def test_freezing_a_wrapper_freezes_what_is_inside() -> None:
    model = Sequential([Input((5, 3)), TimeDistributed(Dense(2)), LSTM(2), Dense(1)])
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(X, np.ones((4, 1)), epochs=1, verbose=0)
    changed = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert changed == [False, False, True, True, True, True, True]


def test_dropout_inside_a_wrapper_draws_from_a_stream_of_its_own() -> None:
    def first(seed: int | None) -> Any:
        layer = Bidirectional(LSTM(2, dropout=0.5, seed=seed))
        model = Sequential([Input((5, 3)), layer], seed=3)
        model.compile("sgd", "mse")
        model.fit(X, np.zeros((4, 4)), epochs=1, verbose=0)
        return model.get_weights()[0]

    assert np.array_equal(first(None), first(None))
    assert not np.array_equal(first(None), first(1))


def test_time_of_unknown_length_trains_on_batches_of_any_length() -> None:
    x = Input((None, 3))
    y, h, c = LSTM(2, return_sequences=True, return_state=True)(x)
    out = Dense(1)(LSTM(2)(y, initial_state=[h, c]))
    model = Model(x, out)
    assert y.shape == (None, None, 2)
    model.compile("adam", "mse")
    for length in (5, 3, 5):
        model.train_on_batch(X[:, :length], np.ones((4, 1)))
    assert model.predict(X, verbose=0).shape == (4, 1)


def test_a_cell_is_a_layer_of_one_step() -> None:
    cell, states = LSTMCell(2), [np.zeros((4, 2), "float32")] * 2
    y, new = cell(X[:, 0], states)
    layer = RNN(cell)
    assert np.array_equal(y, new[0]) and np.array_equal(layer(X[:, :1]), y)


def test_reused_arrays_give_the_same_after_batches_of_other_sizes() -> None:
    layer = LSTM(3, return_sequences=True)
    layer.ensure_built((None, None, 3), Streams(0))
    ctx = Context(reuse=True)
    want = layer.forward(X, ctx=Context())[0]
    layer.forward(X[:2, :3], ctx=ctx)
    assert np.array_equal(layer.forward(X, ctx=ctx)[0], want)


def test_states_of_a_stack_come_cell_by_cell() -> None:
    y, (h, c), g = RNN([LSTMCell(2), GRUCell(3)], return_state=True)(X)
    assert (y.shape, h.shape, c.shape, g.shape) == ((4, 3), (4, 2), (4, 2), (4, 3))
    assert np.array_equal(y, g)


def test_states_of_a_stack_are_taken_as_they_come() -> None:
    layer = RNN([LSTMCell(2), GRUCell(3)], return_state=True, return_sequences=True)
    whole, *_ = layer(X)
    _, *states = layer(X[:, :2])
    later, *_ = layer(X[:, 2:], states)
    assert np.allclose(later, whole[:, 2:], atol=1e-6)
    x = Input((None, 3))
    _, pair, last = layer(x)
    again, *_ = layer(x, initial_state=[pair, last])
    assert Model(x, again).predict(X, verbose=0).shape == (4, 5, 3)


def test_stateful_layers_keep_their_states_in_fit_until_they_are_reset() -> None:
    model = Sequential([Input((2, 3)), LSTM(2, stateful=True), Dense(1)], seed=1)
    model.compile("sgd", "mse")
    x, y = X[:, :4].reshape(4, 2, 2, 3).swapaxes(0, 1).reshape(8, 2, 3), np.zeros((8, 1))
    model.layers[0].trainable = model.layers[1].trainable = False
    model.fit(x, y, batch_size=4, shuffle=False, verbose=0)
    kept = model.layers[0].states
    model.layers[0].reset_state()
    plain = LSTM(2, return_state=True)
    plain.ensure_built((None, 4, 3))
    plain.set_weights(model.layers[0].get_weights())
    for got, want in zip(kept, plain(X[:, :4])[1:], strict=True):
        assert np.allclose(got, want, atol=1e-6)
    assert model.layers[0].states is None


def test_time_distributed_refuses_a_mask_of_another_length() -> None:
    with pytest.raises(ShapeError) as error:
        TimeDistributed(Dense(2), name="each")(X, mask=MASK[:, :4])
    assert str(error.value) == "layer 'each': a mask (4, 4) does not fit sequences (4, 5, 3)"


def test_two_directions_of_different_widths_are_concatenated() -> None:
    ahead = SimpleRNN(2, return_sequences=True, return_state=True)
    behind = GRU(5, return_sequences=True, return_state=True, go_backwards=True)
    layer = Bidirectional(ahead, backward_layer=behind)
    y, state, state_rev = layer(np.ones((2, 4, 3), np.float32))
    assert [found.shape for found in (y, state, state_rev)] == [(2, 4, 7), (2, 2), (2, 5)]
    assert layer.compute_output_shape((None, 4, 3)) == [(None, 4, 7), (None, 2), (None, 5)]
    np.testing.assert_array_equal(y[:, -1, :2], state)
    np.testing.assert_array_equal(y[:, 0, 2:], state_rev)
