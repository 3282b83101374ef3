"""Pooling, normalization, shapes, noise, merging and attention: what the fixtures of Keras do not show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kexp import layers as kl
from kexp.core.context import Context
from kexp.errors import ArgumentError, DataError, ShapeError
from kexp.models import Sequential
from kexp.testing import check_layer

small = settings(max_examples=12, deadline=None)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@small
@given(
    pool=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.none() | st.tuples(st.integers(1, 4), st.integers(1, 4)),
    padding=st.sampled_from(["valid", "same"]),
    maker=st.sampled_from([kl.MaxPooling2D, kl.AveragePooling2D]),
    data_format=st.sampled_from(["channels_last", "channels_first"]),
)
def test_pooling_of_any_window_keeps_the_contract(
    pool: Any, strides: Any, padding: Any, maker: Any, data_format: Any
) -> None:
    shape = (2, 4, 5, 2) if data_format == "channels_last" else (2, 2, 4, 5)
    check_layer(lambda: maker(pool, strides, padding, data_format), shape)


@small
@given(shape=st.lists(st.integers(1, 4), min_size=1, max_size=3), axis=st.integers(1, 3), scale=st.booleans())
def test_normalization_along_any_axis_keeps_the_contract(shape: list[int], axis: int, scale: bool) -> None:
    axis = min(axis, len(shape))
    check_layer(lambda: kl.BatchNormalization(axis=axis, scale=scale), (3, *shape))
    check_layer(lambda: kl.LayerNormalization(axis=axis, center=scale, epsilon=0.1), (3, *shape))


def masked(shape: tuple[int, ...]) -> Any:
    def make(rng: np.random.Generator) -> Any:
        mask = rng.random(shape[:2]) < 0.6
        mask[:, 0] = True
        return [(rng.standard_normal(shape), mask)]

    return make


@pytest.mark.parametrize("axis", [-1, 1])
def test_batch_normalization_with_a_mask_keeps_the_contract(axis: int) -> None:
    check_layer(lambda: kl.BatchNormalization(axis=axis), (3, 4, 2), inputs=masked((3, 4, 2)))


def test_batch_normalization_leaves_masked_steps_out_of_its_moments() -> None:
    x = rng().standard_normal((2, 3, 2))
    mask = np.array([[True, True, False], [True, False, False]])
    layer, ctx = kl.BatchNormalization(momentum=0.0, dtype="float64"), Context(True)
    layer.ensure_built((None, 3, 2))
    ctx.masks = (mask,)
    layer.forward(x, ctx=ctx)
    np.testing.assert_allclose(ctx.updates["moving_mean"], x[mask].mean(0), rtol=1e-6)
    np.testing.assert_allclose(ctx.updates["moving_variance"], x[mask].var(0), rtol=1e-6)


def test_a_frozen_batch_normalization_uses_and_keeps_the_moving_moments() -> None:
    layer, ctx = kl.BatchNormalization(dtype="float64"), Context(True)
    layer.ensure_built((None, 2))
    layer.trainable = False
    x = rng().standard_normal((4, 2)) + 5
    y, _ = layer.forward(x, ctx=ctx)
    np.testing.assert_allclose(y, x / np.sqrt(1.001))
    assert ctx.updates == {}


def test_training_moves_the_moving_mean_towards_that_of_the_batches() -> None:
    model = Sequential([kl.BatchNormalization(momentum=0.5, input_shape=(2,)), kl.Dense(1)])
    model.compile("sgd", "mse")
    x = np.full((4, 2), 3.0)
    model.fit(x, np.zeros((4, 1)), batch_size=4, epochs=2, verbose=0)
    np.testing.assert_allclose(model.layers[0].get_weights()[2], [2.25, 2.25])


@pytest.mark.parametrize("option", ["renorm", "synchronized"])
def test_batch_normalization_refuses_what_it_does_not_do(option: str) -> None:
    with pytest.raises(ArgumentError, match=rf"^{option} is not supported: it must be False\. Received: True$"):
        kl.BatchNormalization(**{option: True})


def test_global_average_pooling_leaves_masked_steps_out() -> None:
    x, mask = rng().standard_normal((2, 3, 2)), np.array([[True, True, False], [True, False, False]])
    y = kl.GlobalAveragePooling1D(dtype="float64")(x, mask=mask)
    np.testing.assert_allclose(y, [x[0, :2].mean(0), x[1, 0]])
    check_layer(kl.GlobalAveragePooling1D, (3, 4, 2), inputs=masked((3, 4, 2)))


def test_windows_larger_than_the_input_are_refused() -> None:
    with pytest.raises(ShapeError) as error:
        kl.MaxPooling2D(3, name="pool")(np.zeros((1, 2, 4, 1)))
    assert str(error.value) == (
        "layer 'pool' (MaxPooling2D): windows of (3, 3) do not fit into (1, 2, 4, 1). "
        "Use padding='same' or a smaller pool_size."
    )


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: kl.MaxPooling2D((2, 0)), "pool_size must be a positive int or a tuple of 2. Received: (2, 0)"),
        (lambda: kl.MaxPooling1D(strides=(1, 2)), "strides must be a positive int. Received: (1, 2)"),
        (lambda: kl.AveragePooling1D(2, padding="causal"), "padding must be one of 'valid', 'same'. Received: 'causal'"),
        (lambda: kl.Permute((1, 3)), "dims must hold each of the numbers from 1 to the number of axes once. Received: (1, 3)"),
        (lambda: kl.Concatenate(0), "axis must be an int, and not 0, the batch's axis. Received: 0"),
        (lambda: kl.Dot((1, 2, 3)), "axes must be an int or two ints, none of them 0. Received: (1, 2, 3)"),
        (lambda: kl.LeakyReLU(alpha=-1), "alpha must be a finite number of at least 0. Received: -1"),
        (lambda: kl.Lambda(3), "function must be a function or a registered name. Received: 3"),
        (lambda: kl.MultiHeadAttention(2, 2, use_gate=True), "use_gate is not supported. Received: True"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        make()
    assert str(error.value) == message


def test_embedding_adds_up_the_gradients_of_an_index_that_comes_twice() -> None:
    layer = kl.Embedding(4, 2, dtype="float64")
    layer.ensure_built((None, 3))
    _, pullback = layer.forward(np.array([[1, 3, 1]]), ctx=Context(True))
    gradient = pullback(np.arange(6.0).reshape(1, 3, 2))[1]["embeddings"]
    assert gradient.tolist() == [[0, 0], [4, 6], [0, 0], [2, 3]]


@pytest.mark.parametrize("index", [-1, 4])
def test_embedding_refuses_an_index_that_it_has_no_vector_for(index: int) -> None:
    with pytest.raises(DataError) as error:
        kl.Embedding(4, 2, name="words")(np.array([[0, index]]))
    assert str(error.value) == f"layer 'words' (Embedding) has vectors for the indices 0 to 3. Received: {index}"


def test_embedding_starts_from_given_weights_and_leaves_them_out_of_its_config() -> None:
    start = np.arange(6.0).reshape(3, 2)
    layer = kl.Embedding(3, 2, weights=[start], input_length=5)
    assert layer(np.array([[2, 0]])).tolist() == [[[4, 5], [0, 1]]]
    assert layer.get_config()["weights"] is None


def test_embedding_masks_zeros_if_asked() -> None:
    x = np.array([[1, 0]])
    assert kl.Embedding(3, 2, mask_zero=True).compute_mask(x, None).tolist() == [[True, False]]
    assert kl.Embedding(3, 2).compute_mask(x, None) is None


def test_a_mask_of_zero_reaches_the_pooling_of_a_model() -> None:
    model = Sequential([kl.Embedding(4, 2, mask_zero=True), kl.GlobalAveragePooling1D()])
    model.build((None, 3))
    table = model.get_weights()[0]
    np.testing.assert_allclose(model.predict(np.array([[3, 1, 0]]), verbose=0), [table[[3, 1]].mean(0)], rtol=1e-6)


def test_masking_hides_the_steps_that_hold_nothing_else() -> None:
    x = np.array([[[7.0, 7.0], [7.0, 1.0]]])
    layer = kl.Masking(7.0)
    assert layer(x).tolist() == [[[0, 0], [7, 1]]]
    assert layer.compute_mask(x, None).tolist() == [[False, True]]


def test_lambda_gives_its_function_arguments_and_the_training_flag() -> None:
    layer = kl.Lambda(lambda x, factor, training: x * factor if training else x, arguments={"factor": 3.0})
    assert layer(np.ones((1, 2)), training=True).tolist() == [[3, 3]]
    assert layer(np.ones((1, 2))).tolist() == [[1, 1]]


def test_lambda_of_several_inputs_gets_a_list_and_has_a_gradient() -> None:
    layer = kl.Lambda(lambda xs: xs[0] * xs[1])
    y, pullback = layer.forward(np.array([[2.0]]), np.array([[5.0]]), ctx=Context())
    assert y.tolist() == [[10]]
    assert [d.tolist() for d in pullback(np.ones((1, 1)))[0]] == [[[5]], [[2]]]


def test_lambda_of_an_unregistered_function_cannot_be_saved() -> None:
    with pytest.raises(ArgumentError, match=r"^function: <function .*> cannot be written to a config\. Register it"):
        kl.Lambda(lambda x: x).get_config()


def test_noise_has_the_moments_that_are_asked_for() -> None:
    x = np.ones((200, 200))
    made = {
        "noise": (kl.GaussianNoise(0.3), 1, 0.3),
        "dropout": (kl.GaussianDropout(0.2), 1, 0.5),
        "spatial": (kl.SpatialDropout1D(0.25), 1, np.sqrt(1 / 3)),
    }
    for layer, mean, deviation in made.values():
        ctx = Context(True, stream=rng())
        y, _ = layer.forward(x.reshape(200, 1, 200) if isinstance(layer, kl.SpatialDropout1D) else x, ctx=ctx)
        assert abs(y.mean() - mean) < 0.02
        assert abs(y.std() - deviation) < 0.02


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    y, _ = kl.AlphaDropout(0.3).forward(rng().standard_normal((400, 400)), ctx=Context(True, stream=rng()))
    assert abs(y.mean()) < 0.02
    assert abs(y.var() - 1) < 0.02


def test_spatial_dropout_drops_whole_channels() -> None:
    y, _ = kl.SpatialDropout2D(0.5).forward(np.ones((4, 3, 3, 8)), ctx=Context(True, stream=rng()))
    assert set(np.unique(y)) == {0.0, 2.0}
    assert (y == y[:, :1, :1]).all()


def test_activity_regularization_adds_its_penalty_to_the_loss() -> None:
    model = Sequential([kl.ActivityRegularization(l1=0.5, l2=0.25, input_shape=(2,)), kl.Dense(1)])
    model.compile("sgd", "mse")
    model.set_weights([np.zeros((2, 1)), np.zeros(1)])
    loss = model.evaluate(np.array([[1.0, -2.0]]), np.zeros((1, 1)), verbose=0)
    assert loss == pytest.approx(0.5 * 3 + 0.25 * 5)


def test_multiply_takes_masked_steps_as_one_and_those_masked_everywhere_as_zero() -> None:
    a, b = np.full((1, 3, 1), 2.0), np.full((1, 3, 1), 5.0)
    masks = [np.array([[True, True, False]]), np.array([[True, False, False]])]
    assert kl.Multiply()([a, b], mask=masks).ravel().tolist() == [10, 2, 0]
    assert kl.Maximum()([a, b], mask=masks).ravel().tolist()[:2] == [5, 2]
    assert kl.Minimum()([a, -b], mask=masks).ravel().tolist()[:2] == [-5, 2]
    assert kl.Multiply().compute_mask([a, b], masks).tolist() == [[True, True, False]]


def test_a_mask_hides_values_from_attention() -> None:
    query, value = rng().standard_normal((1, 2, 3)), rng().standard_normal((1, 4, 3))
    mask = [None, np.array([[True, True, False, False]])]
    for layer in (kl.Attention(dtype="float64"), kl.MultiHeadAttention(2, 3, dtype="float64")):
        seen = layer([query, value], mask=mask) if isinstance(layer, kl.Attention) else layer(query, value, mask=mask)
        alone = layer([query, value[:, :2]]) if isinstance(layer, kl.Attention) else layer(query, value[:, :2])
        np.testing.assert_allclose(seen, alone, rtol=1e-9)


def test_a_causal_mask_hides_later_steps() -> None:
    x = rng().standard_normal((1, 4, 3))
    layer = kl.MultiHeadAttention(2, 3, dtype="float64")
    whole = layer(x, x, use_causal_mask=True)
    np.testing.assert_allclose(whole[:, :2], layer(x[:, :2], x[:, :2], use_causal_mask=True), rtol=1e-9)
    assert layer.get_config()["use_causal_mask"] is False, "an argument of the call holds for that call"


def test_function_forms_are_the_layers() -> None:
    a, b = np.array([[1.0, 2.0]]), np.array([[3.0, 5.0]])
    assert kl.add([a, b]).tolist() == [[4, 7]]
    assert kl.subtract([a, b]).tolist() == [[-2, -3]]
    assert kl.average([a, b]).tolist() == [[2, 3.5]]
    assert kl.concatenate([a, b], axis=1).tolist() == [[1, 2, 3, 5]]
    assert kl.dot([a, b], axes=1).tolist() == [[13]]


def test_shapes_that_do_not_broadcast_are_refused() -> None:
    with pytest.raises(ShapeError) as error:
        kl.Add(name="sum")([np.zeros((2, 3)), np.zeros((2, 4))])
    assert str(error.value) == (
        "layer 'sum' (Add) needs inputs of shapes that broadcast. Received: (None, 3), (None, 4)"
    )
