"""The MLPs of the tutorials: as Python and as a config they have the parameters that the tutorials print."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.config import build
from kexp.core import keras2
from kexp.core.keras2 import Keras2Note
from kexp.layers import Dense, Dropout, InputLayer
from kexp.models import Model, Sequential
from kexp.utils import set_random_seed

UNIFORM = {"kernel_initializer": "uniform"}


def dense(units: int, activation: str | None = "relu", **more: Any) -> dict[str, Any]:
    return {"type": "dense", "units": units, "activation": activation, **more}


def entry(*shape: int | None) -> dict[str, Any]:
    return {"type": "input_layer", "shape": list(shape)}


def drop(rate: float) -> dict[str, Any]:
    return {"type": "dropout", "rate": rate}


def perceptron() -> Sequential:
    return Sequential(
        [InputLayer(input_shape=(None, 10)), Dense(20, activation="relu"), Dense(1, activation="sigmoid")]
    )


def regression() -> Sequential:
    model = Sequential()
    model.add(InputLayer(input_shape=(None, 64)))
    model.add(Dense(64, activation="relu"))
    model.add(Dense(1))
    return model


def binary() -> Sequential:
    model = Sequential()
    model.add(InputLayer(input_shape=(None, 64)))
    model.add(Dense(32, kernel_initializer="uniform", activation="relu"))
    model.add(Dense(16, kernel_initializer="uniform", activation="relu"))
    model.add(Dense(1, kernel_initializer="uniform", activation="sigmoid"))
    return model


def multi_class() -> Sequential:
    model = Sequential()
    model.add(InputLayer(input_shape=(None, 10)))
    model.add(Dense(128, activation="relu"))
    model.add(Dense(64, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    return model


def churn() -> Sequential:
    model = Sequential()
    model.add(Dense(6, init="uniform", activation="relu", input_dim=11))
    model.add(Dense(6, init="uniform", activation="relu"))
    model.add(Dense(1, init="uniform", activation="sigmoid"))
    return model


def three_classes() -> Sequential:
    model = Sequential()
    model.add(Dense(12, input_dim=8, activation="relu"))
    model.add(Dense(8, activation="relu"))
    model.add(Dense(3, activation="softmax"))
    return model


def fashion() -> Sequential:
    model = Sequential()
    model.add(Dense(256, activation="relu", input_dim=784))
    model.add(Dropout(0.2))
    model.add(Dense(64, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    return model


def two_layers() -> Sequential:
    model = Sequential()
    model.add(Dense(64, input_shape=(52,), activation="relu"))
    model.add(Dense(7, activation="softmax"))
    return model


def covtype() -> Sequential:
    model = Sequential()
    model.add(Dense(64, input_shape=(54,), activation="relu"))
    model.add(Dropout(0.5))
    model.add(Dense(32, activation="relu"))
    model.add(Dropout(0.5))
    model.add(Dense(7, activation="softmax"))
    return model


def mnist_mlp() -> Sequential:
    return Sequential([Dense(512, activation="relu", input_shape=(784,)), Dense(10, activation="softmax")])


def mnist_deep_mlp() -> Sequential:
    hidden = [Dense(512, activation="relu", input_shape=(784,)), Dense(512, activation="relu")]
    return Sequential([*hidden, Dense(10, activation="softmax")])


TUTORIALS: dict[str, tuple[Any, list[dict[str, Any]], int]] = {
    "perceptron": (perceptron, [entry(10), dense(20), dense(1, "sigmoid")], 241),
    "regression": (regression, [entry(64), dense(64), dense(1, None)], 4225),
    "binary": (binary, [entry(64), dense(32, **UNIFORM), dense(16, **UNIFORM), dense(1, "sigmoid", **UNIFORM)], 2625),
    "multi_class": (multi_class, [entry(10), dense(128), dense(64), dense(10, "softmax")], 10314),
    "churn": (churn, [entry(11), dense(6, **UNIFORM), dense(6, **UNIFORM), dense(1, "sigmoid", **UNIFORM)], 121),
    "three_classes": (three_classes, [entry(8), dense(12), dense(8), dense(3, "softmax")], 239),
    "fashion": (fashion, [entry(784), dense(256), drop(0.2), dense(64), dense(10, "softmax")], 218058),
    "two_layers": (two_layers, [entry(52), dense(64), dense(7, "softmax")], 3847),
    "covtype": (covtype, [entry(54), dense(64), drop(0.5), dense(32), drop(0.5), dense(7, "softmax")], 5831),
    "mnist_mlp": (mnist_mlp, [entry(784), dense(512), dense(10, "softmax")], 407050),
    "mnist_deep_mlp": (mnist_deep_mlp, [entry(784), dense(512), dense(512), dense(10, "softmax")], 669706),
}


def from_config(layers: list[dict[str, Any]]) -> Model:
    named = {f"layer_{place}": layer for place, layer in enumerate(layers)}
    model = {"type": "sequential", "layers": named}
    return build({"seed": 3, "model": model, "dataset": "xor", "loss": "mse", "tracking": "none"}).model


@pytest.mark.filterwarnings("ignore::kexp.core.keras2.Keras2Note")
@pytest.mark.parametrize(("written", "layers", "count"), TUTORIALS.values(), ids=list(TUTORIALS))
def test_python_and_config_have_the_parameters_of_the_tutorial(
    written: Any, layers: list[dict[str, Any]], count: int
) -> None:
    model, configured = written(), from_config(layers)
    assert model.count_params() == configured.count_params() == count
    assert [weight.shape for weight in model.get_weights()] == [weight.shape for weight in configured.get_weights()]


def test_the_perceptron_fits_the_tutorials_data_in_100_steps_an_epoch() -> None:
    rng = np.random.default_rng(0)
    features, labels = rng.random((1000, 10)), rng.integers(2, size=(1000, 1))
    model = perceptron()
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(features, labels, epochs=2, batch_size=10, verbose=0)
    predictions = model.predict(features, verbose=0)
    assert predictions.shape == (1000, 1)
    assert predictions.min() > 0 and predictions.max() < 1
    assert int(model.optimizer.iterations) == 200


def test_uniform_kernels_lie_within_a_twentieth() -> None:
    kernels = binary().get_weights()[::2]
    assert 0.045 < max(float(np.abs(kernel).max()) for kernel in kernels) <= 0.05


def test_regression_learns_linear_data() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((2000, 64)).astype("float32")
    y = x[:, :1] / 2 - x[:, 1:2] / 4
    set_random_seed(1)
    model = regression()
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    model.fit(x, y, epochs=30, verbose=0)
    assert model.evaluate(x, y, verbose=0)[1] < 0.05


def test_both_cross_entropies_are_equal_on_the_same_labels() -> None:
    rng = np.random.default_rng(2)
    x, labels = rng.random((50, 10)), rng.integers(10, size=50)
    model = multi_class()
    model.compile(loss="categorical_crossentropy", metrics=["accuracy"])
    one_hot = model.evaluate(x, np.eye(10)[labels], verbose=0)
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    assert model.evaluate(x, labels, verbose=0) == pytest.approx(one_hot, rel=1e-6)


def test_the_keras_1_spelling_is_noted() -> None:
    keras2._noted.clear()
    with pytest.warns(Keras2Note, match="'init' is Keras 2's spelling; it is now 'kernel_initializer'"):
        churn()
