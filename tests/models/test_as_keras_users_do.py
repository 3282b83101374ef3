"""Models in the ways of Keras' own tests: models within layers, dicts of outputs, stacks without shapes, pickles."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp.errors import ArgumentError, ShapeError
from kexp.layers import (
    LSTM,
    BatchNormalization,
    Bidirectional,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Input,
    MaxPooling2D,
    TimeDistributed,
)
from kexp.models import Model, Sequential, load_model, model_from_json

X = np.random.default_rng(0).random((6, 3, 4, 4, 2), dtype="float32")


def films() -> Model:
    """A network for images at each time step, whose batch normalisation has statistics."""
    images = Sequential([Conv2D(2, 3, padding="same"), BatchNormalization(), MaxPooling2D(2), Flatten()])
    x = Input((3, 4, 4, 2))
    model = Model(x, Dense(2)(LSTM(3)(TimeDistributed(images)(x))), seed=1)
    model.compile("sgd", "mse")
    return model


def test_a_model_stands_in_time_distributed_and_its_weights_learn(tmp_path: Path) -> None:
    model = films()
    before = model.get_weights()
    model.fit(X, np.ones((6, 2)), verbose=0)
    assert all((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))
    model.save(tmp_path / "films.keras")
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    for other in (again, load_model(tmp_path / "films.keras")):
        assert (other.predict(X) == model.predict(X)).all()


def test_statistics_of_a_model_in_time_distributed_follow_each_step_in_turn() -> None:
    model = Sequential([Input((2, 1)), TimeDistributed(Sequential([BatchNormalization(momentum=0.5)]))])
    model.compile("sgd", "mse")
    x = np.array([[[2.0], [4.0]], [[4.0], [8.0]]])  # means of the steps: 3, then 6
    model.train_on_batch(x, x)
    moving_mean = next(w for w in model.weights if w.name == "moving_mean")
    assert moving_mean.numpy() == pytest.approx([0.5 * (0.5 * 0 + 0.5 * 3) + 0.5 * 6])


def test_both_ways_must_be_of_one_width_to_be_added() -> None:
    ways: dict[str, Any] = {"layer": LSTM(3), "backward_layer": LSTM(4, go_backwards=True)}
    with pytest.raises(ShapeError, match="needs outputs of one width.*gives 3.*layer 4"):
        Bidirectional(**ways, merge_mode="sum")(Input((2, 2)))
    assert Bidirectional(**ways, merge_mode="concat")(Input((2, 2))).shape == (None, 7)


def test_a_loss_may_stand_in_a_list_of_its_own() -> None:
    x = Input((3,))
    model = Model(x, {"b": Dense(1)(x), "a": Dense(2)(x)})
    model.compile("sgd", {"a": ["mae"], "b": "mse"})
    assert set(model.fit(np.ones((4, 3)), {"a": np.ones((4, 2)), "b": np.ones((4, 1))}, verbose=0).history) == {
        "loss",
        "a_loss",
        "b_loss",
    }
    with pytest.raises(ArgumentError, match="an output has one loss"):
        model.compile("sgd", {"a": ["mae", "mse"]})


def test_dicts_of_inputs_and_outputs_are_sorted_as_in_keras() -> None:
    b, a = Input((2,)), Input((3,))
    model = Model({"b": b, "a": a}, {"z": Dense(1, name="first")(a), "y": Dense(2, name="second")(b)})
    assert (model.input_names, model.output_names) == (["a", "b"], ["y", "z"])
    assert [w.shape for w in model.weights] == [(2, 2), (2,), (3, 1), (1,)]
    found = model.predict({"a": np.ones((4, 3)), "b": np.ones((4, 2))})
    assert {key: value.shape for key, value in found.items()} == {"y": (4, 2), "z": (4, 1)}


def test_a_stack_without_a_shape_keeps_all_its_layers_in_configs() -> None:
    stack = Sequential([Dense(4), Dense(5)])
    assert [layer.units for layer in Sequential.from_config(stack.get_config()).layers] == [4, 5]
    with pytest.raises(ArgumentError, match="'twice'"):
        Sequential([Dense(1, name="twice"), Dense(1, name="twice")])
    stack.add(Dense(1, name="end"))
    with pytest.raises(ArgumentError, match="two layers"):
        stack.add(Dense(1, name="end"))
    assert len(stack.layers) == 3
    with pytest.raises(ArgumentError, match="has its Input already"):
        Sequential([Input((2,)), Input((3,))])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_and_pickles_of_trained_models_train_on_alike(copied: Callable[[Any], Any]) -> None:
    model = Sequential([Input((4,)), Dense(5, activation="tanh"), Dropout(0.3), Dense(1)])
    model.compile("adam", "mse")
    x, y = X.reshape(144, 4), X.reshape(144, 4)[:, :1]
    model.fit(x, y, verbose=0)
    other = copied(model)
    start = model.get_weights()[0]
    assert model.fit(x, y, epochs=2, verbose=0).history == other.fit(x, y, epochs=2, verbose=0).history
    assert (model.get_weights()[0] == other.get_weights()[0]).all()
    assert (model.get_weights()[0] != start).any()
