"""The losses beyond Keras' numbers: fusing, targets that do not fit, functions, arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp import losses
from kexp.activations import get as activation
from kexp.activations import softmax
from kexp.backend import settings
from kexp.core.loss import Loss, get_loss
from kexp.errors import ArgumentError, DataError
from kexp.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from kexp.testing.loss import check_loss

OUTPUT = (None, 4)


def labelled(rng: np.random.Generator) -> tuple[Any, Any]:
    p = rng.uniform(0.1, 1, (6, 4))
    return rng.integers(0, 4, 6), p / p.sum(-1, keepdims=True)


def message(loss: Loss, y: Any, output: tuple[int | None, ...] = OUTPUT) -> str:
    with pytest.raises(DataError) as caught:
        loss.prepare(np.asarray(y), output)
    return str(caught.value)


@pytest.mark.parametrize(
    "make",
    [
        MeanSquaredError,
        MeanAbsoluteError,
        CategoricalCrossentropy,
        lambda: CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        lambda: CategoricalCrossentropy(fused=False),
    ],
)
def test_losses_keep_the_contract(make: Any) -> None:
    check_loss(make)


@pytest.mark.parametrize(
    "make",
    [
        SparseCategoricalCrossentropy,
        lambda: SparseCategoricalCrossentropy(from_logits=True),
        lambda: SparseCategoricalCrossentropy(ignore_class=1),
    ],
)
def test_losses_of_class_numbers_keep_the_contract(make: Any) -> None:
    check_loss(make, inputs=labelled)


@pytest.mark.parametrize("make", [CategoricalCrossentropy, SparseCategoricalCrossentropy])
def test_fusing_is_for_a_softmax_over_the_last_axis_alone(make: Any) -> None:
    assert make().fused(activation("softmax")) is not None
    assert make().fused(activation({"type": "softmax", "axis": 1})) is None
    assert make().fused(activation("sigmoid")) is None
    assert make(fused=False).fused(activation("softmax")) is None
    assert make(from_logits=True).fused(activation("softmax")) is None


@pytest.mark.parametrize("make", [CategoricalCrossentropy, SparseCategoricalCrossentropy])
def test_a_confident_mistake_still_learns_if_fused_and_not_by_keras_rule(make: Any) -> None:
    z = np.array([[60.0, 0.0, 0.0, 0.0]], np.float32)
    loss = make()
    y = np.array([2]) if loss.takes_labels else np.eye(4, dtype=np.float32)[[2]]
    p = softmax(z)
    assert float(loss.values(y, p)[0]) == pytest.approx(-np.log(1e-7), rel=1e-6)
    assert (loss.gradient(y, p) == 0).all()
    fused = loss.fused(activation("softmax"))
    assert float(fused.values(y, z)[0]) == 60.0
    np.testing.assert_allclose(fused.gradient(y, z, p), [[1, 0, -1, 0]], atol=1e-20)


def test_fused_losses_are_exact_where_exp_overflows() -> None:
    z = np.array([[1e4, -1e4, 0.0, 0.0]], np.float32)
    fused = SparseCategoricalCrossentropy().fused(activation("softmax"))
    assert fused is not None
    with np.errstate(over="raise", invalid="raise"):
        assert float(fused.values(np.array([1]), z)[0]) == 2e4


@pytest.mark.parametrize("shape", [(5,), (5, 1)])
def test_labels_may_have_a_last_axis_of_length_1(shape: tuple[int, ...]) -> None:
    labels = SparseCategoricalCrossentropy().prepare(np.arange(5).reshape(shape) % 4, OUTPUT)
    assert labels.tolist() == [0, 1, 2, 3, 0]


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32", "bool"])
def test_labels_stay_whole_numbers_and_bytes_stay_bytes(dtype: str) -> None:
    given = np.array([0, 1, 1], dtype)
    labels = SparseCategoricalCrossentropy().prepare(given, OUTPUT)
    assert labels.dtype == {"float32": np.int64, "bool": np.int64}.get(dtype, given.dtype)
    assert labels.tolist() == [0, 1, 1]
    assert SparseCategoricalCrossentropy().values(labels, np.full((3, 4), 0.25)) == pytest.approx(np.log(4))


def test_the_first_label_that_is_no_class_is_named() -> None:
    sparse = SparseCategoricalCrossentropy()
    rule = "sparse_categorical_crossentropy: labels must be whole numbers from 0 to 3, as the output has 4 units. "
    start_at_1 = " The labels start at 1: subtract 1 from them."
    assert message(sparse, [1, 2, 4, 3, 4]) == f"{rule}Received 4 in row 2.{start_at_1}"
    many = " They reach 9: the last layer would need 10 units."
    assert message(sparse, [0, 5, 9]) == f"{rule}Received 5 in row 1.{many}"
    hole = " If -1 marks rows without a label, set ignore_class=-1."
    assert message(sparse, [0, 3, -1]) == f"{rule}Received -1 in row 2.{hole}"
    assert message(sparse, [0, -5]) == f"{rule}Received -5 in row 1."
    assert message(sparse, [0.0, 1.5]) == f"{rule}Received 1.5 in row 1."
    assert message(sparse, [0.0, 1.0, np.nan]) == f"{rule}Received nan in row 2."
    assert message(sparse, [[0, 1], [2, -7]], (None, 2, 4)) == f"{rule}Received -7 in row 1, at [1]."


def test_an_ignored_class_may_lie_outside_the_range() -> None:
    sparse = SparseCategoricalCrossentropy(ignore_class=255)
    assert sparse.prepare(np.array([0, 255, 3], np.uint8), OUTPUT).tolist() == [0, 255, 3]
    assert "Received 254 in row 1." in message(sparse, np.array([0, 254, 255], np.uint8))


def test_the_mean_is_taken_over_the_rows_that_count() -> None:
    p = np.array([[0.5, 0.25, 0.25, 0], [0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]])
    loss = SparseCategoricalCrossentropy(ignore_class=-1)
    assert loss([0, -1, 1], p) == pytest.approx((np.log(2) + np.log(4)) / 2)
    assert loss.depends_on_batch
    assert not SparseCategoricalCrossentropy().depends_on_batch
    assert (loss.gradient(np.array([0, -1, 1]), p)[1] == 0).all()


def test_targets_that_do_not_fit_are_told_what_is_wanted() -> None:
    assert message(SparseCategoricalCrossentropy(), np.zeros((5, 4))) == (
        "sparse_categorical_crossentropy: targets of shape (5, 4) do not fit the model's output (n, 4); "
        "class numbers (n,) are needed. For one-hot targets use loss='categorical_crossentropy'."
    )
    assert message(SparseCategoricalCrossentropy(), np.zeros((5, 7)), (None, 3, 4)) == (
        "sparse_categorical_crossentropy: targets of shape (5, 7) do not fit the model's output (n, 3, 4); "
        "class numbers (n, 3) are needed."
    )
    assert message(CategoricalCrossentropy(), np.zeros(5)) == (
        "categorical_crossentropy: targets of shape (5,) do not fit the model's output (n, 4). "
        "For class numbers use loss='sparse_categorical_crossentropy', or one-hot them (to_categorical)."
    )


@pytest.mark.parametrize("make", [CategoricalCrossentropy, SparseCategoricalCrossentropy])
def test_a_softmax_of_one_unit_is_refused(make: Any) -> None:
    loss = make()
    assert message(loss, np.zeros((5, 1)), (None, 1)) == (
        f"{loss.name} needs an output of at least 2 units, one for each class. Received: 1 unit. "
        "For two classes and one unit use a sigmoid and loss='binary_crossentropy'."
    )


@pytest.mark.parametrize("y", [[1.0, 2.0], [[1.0], [2.0]]])
def test_one_unit_takes_targets_with_or_without_their_last_axis(y: Any) -> None:
    assert MeanSquaredError()(y, [[0.0], [0.0]]) == 2.5


def test_equal_predictions_have_no_absolute_gradient() -> None:
    y = np.array([[1.0, 2.0]])
    np.testing.assert_array_equal(MeanAbsoluteError().gradient(y, np.array([[1.0, 5.0]])), [[0.0, 0.5]])


@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error", "binary_crossentropy"])
def test_functions_give_one_number_a_sample(name: str) -> None:
    function = getattr(losses, name)
    y, p = [[0, 1], [1, 1]], [[0.25, 0.75], [0.5, 0.25]]
    np.testing.assert_allclose(function(y, p), get_loss(name).values(np.array(y, float), np.array(p)), rtol=1e-6)
    assert function(y, p).dtype == np.float32
    assert function.__name__ == name
    assert isinstance(get_loss(function), Loss)


def test_functions_take_the_arguments_of_their_class() -> None:
    z = [[3.0, 1.0, 0.0, -2.0]]
    expected = losses.sparse_categorical_crossentropy([1], softmax(np.array(z)))
    np.testing.assert_allclose(losses.sparse_categorical_crossentropy([1], z, from_logits=True), expected, rtol=1e-6)


def test_whole_numbers_are_taken_as_floats() -> None:
    assert MeanSquaredError()(np.array([[0, 200]], np.uint8), np.array([[1, 0]], np.uint8)) == (1 + 200**2) / 2


def test_targets_and_predictions_of_other_lengths_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        MeanSquaredError()([[1.0], [2.0], [3.0]], [[0.0], [0.0]])
    assert str(caught.value) == "mean_squared_error: 3 targets do not fit 2 predictions."


@pytest.mark.parametrize(
    ("name", "cls"), [("mse", MeanSquaredError), ("MAE", MeanAbsoluteError), ("bce", BinaryCrossentropy)]
)
def test_short_names_are_known(name: str, cls: Any) -> None:
    assert type(losses.get(name)) is cls


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: CategoricalCrossentropy(axis=True),
            "axis must be an int other than 0, the batch axis. Received: True",
        ),
        (
            lambda: SparseCategoricalCrossentropy(axis=0),
            "axis must be an int other than 0, the batch axis. Received: 0",
        ),
        (
            lambda: CategoricalCrossentropy(label_smoothing=1.5),
            "label_smoothing must be a number in [0, 1]. Received: 1.5",
        ),
        (lambda: SparseCategoricalCrossentropy(ignore_class=0.5), "ignore_class must be an int or None. Received: 0.5"),
        (
            lambda: MeanSquaredError(reduction="average"),
            "reduction must be one of 'sum_over_batch_size', 'mean', 'sum', 'mean_with_sample_weight', 'none', None. "
            "Received: 'average'",
        ),
    ],
)
def test_wrong_arguments_are_named(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert str(caught.value) == text


def test_epsilon_is_the_one_of_the_time_of_construction() -> None:
    before = CategoricalCrossentropy()
    settings.set_epsilon(1e-3)
    y, p = np.eye(4)[[0]], np.array([[0.0, 1.0, 0.0, 0.0]])
    assert float(before.values(y, p)[0]) == pytest.approx(-np.log(1e-7))
    assert float(CategoricalCrossentropy().values(y, p)[0]) == pytest.approx(-np.log(1e-3))
