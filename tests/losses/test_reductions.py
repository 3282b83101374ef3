"""What becomes of the values of a loss: by hand, and in training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.errors import ArgumentError
from kexp.layers import Dense
from kexp.losses import CosineSimilarity, Crossentropy, Huber, MeanSquaredError, get
from kexp.models import Sequential
from kexp.optimizers import SGD

Y = np.array([[1.0], [2.0], [3.0], [4.0]], np.float32)
P = np.zeros((4, 1), np.float32)
WEIGHT = np.array([1.0, 0.0, 2.0, 0.5], np.float32)
VALUES = np.array([1.0, 4.0, 9.0, 16.0])


@pytest.mark.parametrize(
    ("reduction", "plain", "weighted"),
    [
        ("sum_over_batch_size", 7.5, 27 / 4),
        ("mean", 7.5, 27 / 4),
        ("sum", 30.0, 27.0),
        ("mean_with_sample_weight", 7.5, 27 / 3.5),
    ],
)
def test_reductions_divide_by_what_their_names_say(reduction: str, plain: float, weighted: float) -> None:
    loss = MeanSquaredError(reduction=reduction)
    assert loss(Y, P) == pytest.approx(plain)
    assert loss(Y, P, WEIGHT) == pytest.approx(weighted)


@pytest.mark.parametrize("reduction", ["none", None])
def test_without_a_reduction_a_call_gives_the_weighted_values(reduction: str | None) -> None:
    loss = MeanSquaredError(reduction=reduction)
    np.testing.assert_array_equal(loss(Y, P), VALUES)
    np.testing.assert_array_equal(loss(Y, P, WEIGHT), VALUES * WEIGHT)


@pytest.mark.parametrize(
    ("weight", "divisor"), [(2.0, 2.0), ([[1.0], [3.0]], 4.0), ([1.0, 3.0], 4.0), ([[1.0, 2.0], [0.0, 4.0]], 7.0)]
)
def test_a_weight_of_several_values_counts_once_in_the_divisor_as_in_keras(weight: Any, divisor: float) -> None:
    loss, y, p = MeanSquaredError(reduction="mean_with_sample_weight"), np.zeros((2, 2, 1)), np.ones((2, 2, 1))
    p[1] = 2.0
    spread = np.asarray(weight).reshape(np.shape(weight) + (1,) * (2 - np.ndim(weight)))
    assert loss(y, p, weight) == pytest.approx(float((p[..., 0] ** 2 * spread).sum()) / divisor)


def test_values_times_a_column_of_weights_are_a_column() -> None:
    np.testing.assert_array_equal(MeanSquaredError(reduction=None)(Y, P, WEIGHT[:, None]), (VALUES * WEIGHT)[:, None])


@pytest.mark.parametrize("name", ["binary_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy"])
def test_labels_may_be_smoothed_until_all_are_alike(name: str) -> None:
    loss, p = get({"type": name, "label_smoothing": 1.0}), np.array([[0.3, 0.7]])
    assert loss(np.array([[0.0, 1.0]]), p) == loss(np.array([[1.0, 0.0]]), p)


def test_no_weight_at_all_is_a_loss_of_0() -> None:
    assert MeanSquaredError(reduction="mean_with_sample_weight")(Y, P, np.zeros(4)) == 0.0


@pytest.mark.parametrize(("reduction", "factor"), [("none", 1.0), ("sum_over_batch_size", 2.0)])
def test_values_are_scaled_for_ignored_rows_only_where_a_mean_is_taken(reduction: str, factor: float) -> None:
    loss = get({"type": "sparse_categorical_crossentropy", "ignore_class": -1, "reduction": reduction})
    values = loss.values(np.array([0, -1]), np.array([[0.5, 0.5], [0.1, 0.9]]))
    np.testing.assert_allclose(values, [factor * np.log(2), 0.0])


def test_weights_may_have_a_last_axis_of_length_1() -> None:
    assert MeanSquaredError()(Y, P, WEIGHT[:, None]) == MeanSquaredError()(Y, P, WEIGHT)


def test_a_loss_computes_in_its_dtype() -> None:
    assert MeanSquaredError(reduction=None, dtype="float64")(Y, P).dtype == np.float64


def trained(loss: Any, **fit: Any) -> tuple[float, float]:
    """The weight after one step from 0, and the loss logged, for inputs of 1 and one unit."""
    model = Sequential([Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(optimizer=SGD(1.0), loss=loss)
    history = model.fit(np.ones((4, 1)), Y, batch_size=4, epochs=1, verbose=0, **fit)
    return float(model.get_weights()[0][0, 0]), history.history["loss"][0]


@pytest.mark.parametrize(
    ("reduction", "divisor"), [("mean", 4.0), ("sum", 1.0), ("mean_with_sample_weight", float(WEIGHT.sum()))]
)
def test_training_follows_the_reduction(reduction: str, divisor: float) -> None:
    w, loss = trained(MeanSquaredError(reduction=reduction), sample_weight=WEIGHT)
    assert w == pytest.approx(float((2 * Y[:, 0] * WEIGHT).sum()) / divisor)
    assert loss == pytest.approx(27.0 / divisor)


def test_training_on_values_without_a_reduction_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        trained(MeanSquaredError(reduction="none"))
    assert str(caught.value) == (
        "loss 'mean_squared_error': to train, a loss must come to one number, and reduction 'none' gives one for "
        "each sample. Use 'sum_over_batch_size' or 'sum'."
    )


@pytest.mark.parametrize("name", ["ce", "crossentropy"])
def test_crossentropy_becomes_the_loss_that_the_shapes_ask_for(name: str) -> None:
    p = np.array([[0.2, 0.8], [0.5, 0.5]], np.float32)
    expected = {
        "binary_crossentropy": ([[1.0], [0.0]], p[:, :1]),
        "sparse_categorical_crossentropy": ([1, 0], p),
        "categorical_crossentropy": ([[0.0, 1.0], [1.0, 0.0]], p),
    }
    for concrete, (y, prediction) in expected.items():
        assert get(name)(y, prediction) == get(concrete)(y, prediction)


def test_crossentropy_trains_with_class_numbers_and_takes_the_softmax() -> None:
    weights = []
    for loss in ("ce", "sparse_categorical_crossentropy"):
        model = Sequential([Dense(3, activation="softmax", kernel_initializer="ones")])
        model.compile(optimizer=SGD(1.0), loss=loss, metrics=["ce"])
        model.fit(np.eye(4), [0, 1, 2, 1], batch_size=4, epochs=2, verbose=0)
        weights.append(model.get_weights()[0])
        assert model.metrics_names == ["loss", "ce"]
    np.testing.assert_array_equal(*weights)
    assert Crossentropy().fused(Dense(1, activation="sigmoid").output_activation) is None  # no targets seen yet


def test_cosine_similarity_takes_any_axis_but_the_batch() -> None:
    rng = np.random.default_rng(0)
    y, p = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 3, 4))
    turned = CosineSimilarity(axis=1).values(y, p)
    np.testing.assert_allclose(turned, CosineSimilarity().values(y.swapaxes(1, 2), p.swapaxes(1, 2)))
    gradient = CosineSimilarity(axis=1).gradient(y, p)
    straight = CosineSimilarity().gradient(y.swapaxes(1, 2), p.swapaxes(1, 2))
    np.testing.assert_allclose(gradient, straight.swapaxes(1, 2))
    with pytest.raises(ArgumentError) as caught:
        CosineSimilarity(axis=0)
    assert str(caught.value) == "axis must be an int other than 0, the batch axis. Received: 0"


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("mape", "mean_absolute_percentage_error"), ("MSLE", "mean_squared_logarithmic_error"),
        ("kld", "kl_divergence"), ("KLDivergence", "kl_divergence"), ("logcosh", "log_cosh"), ("huber_loss", "huber"),
    ],
)  # fmt: skip
def test_short_names_of_losses_are_known(alias: str, name: str) -> None:
    assert type(get(alias)) is type(get(name))


def test_huber_has_keras_name_and_a_delta_of_at_least_0() -> None:
    assert Huber().name == "huber_loss"
    with pytest.raises(ArgumentError) as caught:
        Huber(delta=-1.0)
    assert str(caught.value) == "delta must be a finite number of at least 0. Received: -1.0"
