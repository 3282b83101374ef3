"""Spellings of Keras 1 and 2."""

from __future__ import annotations

import numpy as np
import pytest

from kexp.config import build, validate
from kexp.core import keras2
from kexp.errors import ArgumentError
from kexp.layers import LSTM, Conv2D, Dense, Dropout, Embedding
from kexp.models import Sequential
from kexp.optimizers import Adam
from kexp.regularizers import WeightRegularizer


@pytest.fixture(autouse=True)
def nothing_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras2, "_noted", set())


@pytest.mark.parametrize(
    "make, want",
    [
        (lambda: Dense(output_dim=3, init="uniform"), {"units": 3, "kernel_initializer": "uniform"}),
        (lambda: Dense(3, W_regularizer="l2", b_regularizer="l1"), {"kernel_regularizer": "l2", "bias_regularizer": "l1"}),
        (lambda: Dense(3, W_constraint="non_neg"), {"kernel_constraint": "non_neg"}),
        (lambda: Dropout(p=0.5), {"rate": 0.5}),
        (lambda: Conv2D(nb_filter=4, nb_row=3, nb_col=2, border_mode="same"), {"filters": 4, "kernel_size": [3, 2], "padding": "same"}),
        (lambda: Conv2D(4, 3, subsample=(2, 2), dim_ordering="tf"), {"strides": [2, 2], "data_format": "channels_last"}),
        (lambda: LSTM(3, input_dim=2, input_length=5), {"input_shape": [5, 2]}),
        (lambda: Adam(lr=0.01), {"learning_rate": 0.01}),
    ],
)  # fmt: skip
def test_old_arguments_are_taken_as_the_new_ones(make: object, want: dict[str, object]) -> None:
    with pytest.warns(keras2.Keras2Note):
        config = make().get_config()  # type: ignore[operator]
    assert {name: config[name] for name in want} == want


def test_a_note_names_the_new_spelling_once() -> None:
    with pytest.warns(keras2.Keras2Note) as caught:
        Dense(output_dim=3)
        Dense(output_dim=4)
    assert [str(one.message) for one in caught] == ["'output_dim' is Keras 2's spelling; it is now 'units'"]


@pytest.mark.parametrize("make", [lambda: Dense(output_dim=3, units=3), lambda: Dense(3, output_dim=3)])
def test_both_spellings_side_by_side_are_an_error(make: object) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()  # type: ignore[operator]
    assert str(caught.value) == "Dense: 'output_dim' is Keras 2's spelling of 'units'; give one of the two"


def test_a_name_that_a_class_has_itself_is_left_alone() -> None:
    assert Embedding(5, output_dim=3).get_config()["output_dim"] == 3


@pytest.mark.filterwarnings("ignore::kexp.core.keras2.Keras2Note")
def test_decay_lowers_the_rate_at_each_step() -> None:
    optimizer = Adam(lr=0.001, decay=0.1)
    model = Sequential([Dense(1, input_dim=1)])
    model.compile(optimizer, "mse")
    for step in range(3):
        assert optimizer.learning_rate == pytest.approx(0.001 / (1 + 0.1 * step))
        model.train_on_batch(np.zeros((2, 1)), np.zeros(2))


@pytest.mark.filterwarnings("ignore::kexp.core.keras2.Keras2Note")
def test_fit_takes_nb_epoch_and_refuses_metrics() -> None:
    model = Sequential([Dense(1, input_dim=1)])
    model.compile("sgd", "mse")
    assert model.fit(np.zeros((2, 1)), np.zeros(2), nb_epoch=3, verbose=0).epoch == [0, 1, 2]
    with pytest.raises(ArgumentError) as caught:
        model.fit(np.zeros((2, 1)), np.zeros(2), metrics=["mae"])
    assert str(caught.value) == (
        "metrics belong to compile: model.compile(optimizer=..., loss=..., metrics=[...])"
    )  # fmt: skip


@pytest.mark.filterwarnings("ignore::kexp.core.keras2.Keras2Note")
def test_configs_take_the_old_spellings_too() -> None:
    layers = {"h": {"type": "dense", "output_dim": 5, "init": "uniform"}, "o": {"type": "dense", "output_dim": 1}}
    config = {
        "model": {"layers": layers},
        "dataset": "xor",
        "loss": "mse",
        "optimizer": {"type": "adam", "lr": 0.1},
        "tracking": "none",
        "fit": {"nb_epoch": 3},
    }
    experiment = build(config)
    assert experiment.fit["epochs"] == 3
    assert experiment.optimizer.learning_rate == 0.1
    layers["o"]["units"] = 2
    assert [str(problem) for problem in validate(config)] == [
        "model.layers.o: layer 'dense': 'output_dim' is Keras 2's spelling of 'units'; give one of the two"
    ]


def test_weight_regularizer_is_l1_l2() -> None:
    assert WeightRegularizer(l2=0.01).get_config() == {"l1": 0.0, "l2": 0.01}


def test_ways_to_compute_the_same_are_taken_and_change_nothing() -> None:
    with pytest.warns(keras2.Keras2Note) as caught:
        layer = LSTM(3, implementation=2, time_major=False)
    assert [str(one.message) for one in caught] == [
        "'implementation' is Keras 2's, and has no effect here",
        "'time_major' is Keras 2's, and has no effect here",
    ]
    assert "implementation" not in layer.get_config()
    with pytest.raises(ArgumentError, match=r"^Dense takes no argument 'implementation'\. It takes: units, "):
        Dense(3, implementation=2)


def test_time_major_is_not_there() -> None:
    with pytest.raises(ArgumentError) as caught:
        LSTM(3, time_major=True)
    assert str(caught.value) == (
        "LSTM: time_major must be False; sequences have the shape (n, t, d): swap the first two axes. Received: True"
    )


@pytest.mark.filterwarnings("ignore::kexp.core.keras2.Keras2Note")
def test_batch_input_shape_is_the_input_shape_behind_the_batch_axis() -> None:
    assert LSTM(3, batch_input_shape=(4, None, 2), stateful=True).declared_shape == (None, None, 2)
    with pytest.raises(ArgumentError) as caught:
        LSTM(3, batch_input_shape=(4, None, 2), input_shape=(None, 2))
    assert str(caught.value) == (
        "LSTM: 'batch_input_shape' is Keras 2's spelling of 'input_shape'; give one of the two"
    )


def test_a_note_points_at_the_line_that_has_the_old_spelling() -> None:
    with pytest.warns(keras2.Keras2Note) as caught:
        Adam(lr=0.1, decay=0.1)
        LSTM(3, input_dim=2, input_length=5)
        Conv2D(nb_filter=4, nb_row=3, nb_col=2)
    assert {one.filename for one in caught} == {__file__}


def test_rows_and_columns_beside_another_old_spelling_are_the_kernel_size() -> None:
    with pytest.warns(keras2.Keras2Note) as caught:
        layer = Conv2D(32, 3, 2, border_mode="same", subsample=(2, 2))
    assert (layer.kernel_size, layer.strides, layer.padding) == ((3, 2), (2, 2), "same")
    assert "'rows, columns' is Keras 2's spelling; it is now 'kernel_size'" in [str(one.message) for one in caught]
    assert layer.get_config()["kernel_size"] == [3, 2]
    assert Conv2D(32, 3, 2).strides == (2, 2)
