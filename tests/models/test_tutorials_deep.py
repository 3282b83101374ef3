"""The CNNs and RNNs of the tutorials: Python and config have the parameters that the tutorials print."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.config import build
from kexp.errors import ShapeError
from kexp.layers import (
    LSTM,
    Bidirectional,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    InputLayer,
    MaxPooling2D,
    RepeatVector,
    TimeDistributed,
)
from kexp.models import Model, Sequential

POOL: dict[str, Any] = {"type": "max_pooling2d", "pool_size": 2}
FLATTEN: dict[str, Any] = {"type": "flatten"}


def dense(units: int, activation: str | None = "relu", **more: Any) -> dict[str, Any]:
    return {"type": "dense", "units": units, "activation": activation, **more}


def entry(*shape: int | None) -> dict[str, Any]:
    return {"type": "input_layer", "shape": list(shape)}


def drop(rate: float) -> dict[str, Any]:
    return {"type": "dropout", "rate": rate}


def conv(filters: int, size: int = 3, padding: str = "valid") -> dict[str, Any]:
    return {"type": "conv2d", "filters": filters, "kernel_size": size, "padding": padding, "activation": "relu"}


def lstm(units: int, **more: Any) -> dict[str, Any]:
    return {"type": "lstm", "units": units, **more}


def steps(layer: dict[str, Any]) -> dict[str, Any]:
    return {"type": "time_distributed", "layer": layer}


def cnn() -> Sequential:
    model = Sequential()
    model.add(InputLayer(input_shape=(None, 28, 28, 3)))
    model.add(Conv2D(32, (3, 3), padding="same", activation="relu"))
    model.add(Conv2D(32, (3, 3), activation="relu"))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Dropout(0.25))
    model.add(Conv2D(64, (3, 3), padding="same", activation="relu"))
    model.add(Conv2D(64, (3, 3), activation="relu"))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Dropout(0.25))
    model.add(Flatten())
    model.add(Dense(512, activation="relu"))
    model.add(Dropout(0.5))
    model.add(Dense(10, activation="softmax"))
    return model


def lstm_text() -> Sequential:
    model = Sequential()
    model.add(Embedding(10000, 100))
    model.add(LSTM(128, dropout=0.2, recurrent_dropout=0.2))
    model.add(Dense(1, activation="sigmoid"))
    model.build((None, 80))
    return model


def mnist_cnn() -> Sequential:
    model = Sequential()
    model.add(Conv2D(32, (3, 3), activation="relu", input_shape=(28, 28, 1)))
    model.add(MaxPooling2D((2, 2)))
    model.add(Conv2D(64, (3, 3), activation="relu"))
    model.add(MaxPooling2D((2, 2)))
    model.add(Conv2D(64, (3, 3), activation="relu"))
    model.add(Flatten())
    model.add(Dense(64, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    return model


def lenet() -> Sequential:
    model = Sequential()
    model.add(Conv2D(20, 5, padding="same", activation="relu", input_shape=(28, 28, 1)))
    model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2)))
    model.add(Conv2D(50, 5, padding="same", activation="relu"))
    model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2)))
    model.add(Flatten())
    model.add(Dense(500, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    return model


def stacked_lstm() -> Sequential:
    return Sequential([Input((8, 1)), LSTM(32, return_sequences=True), LSTM(32), Dense(1)])


def cnn_lstm() -> Sequential:
    model = Sequential([Input((None, 10, 10, 1))])
    model.add(TimeDistributed(Conv2D(2, (2, 2), activation="relu")))
    model.add(TimeDistributed(MaxPooling2D(pool_size=(2, 2))))
    model.add(TimeDistributed(Flatten()))
    model.add(LSTM(50))
    model.add(Dense(1, activation="sigmoid"))
    return model


def encoder_decoder() -> Sequential:
    model = Sequential()
    model.add(LSTM(75, input_shape=(8, 11)))
    model.add(RepeatVector(2))
    model.add(LSTM(50, return_sequences=True))
    model.add(TimeDistributed(Dense(11, activation="softmax")))
    return model


def bilstm() -> Sequential:
    model = Sequential()
    model.add(Bidirectional(LSTM(20, return_sequences=True), input_shape=(10, 1)))
    model.add(TimeDistributed(Dense(1, activation="sigmoid")))
    return model


CNN_STAGES = [
    conv(32, padding="same"),
    conv(32),
    POOL,
    drop(0.25),
    conv(64, padding="same"),
    conv(64),
    POOL,
    drop(0.25),
]
TUTORIALS: dict[str, tuple[Any, list[dict[str, Any]], int]] = {
    "cnn": (
        cnn,
        [entry(28, 28, 3), *CNN_STAGES, FLATTEN, dense(512), drop(0.5), dense(10, "softmax")],
        890410,
    ),
    "lstm_text": (
        lstm_text,
        [
            entry(80),
            {"type": "embedding", "input_dim": 10000, "output_dim": 100},
            lstm(128, dropout=0.2, recurrent_dropout=0.2),
            dense(1, "sigmoid"),
        ],
        1117377,
    ),
    "mnist_cnn": (
        mnist_cnn,
        [entry(28, 28, 1), conv(32), POOL, conv(64), POOL, conv(64), FLATTEN, dense(64), dense(10, "softmax")],
        93322,
    ),
    "lenet": (
        lenet,
        [
            *[entry(28, 28, 1), conv(20, 5, "same"), POOL, conv(50, 5, "same"), POOL],
            *[FLATTEN, dense(500), dense(10, "softmax")],
        ],
        1256080,
    ),
    "stacked_lstm": (stacked_lstm, [entry(8, 1), lstm(32, return_sequences=True), lstm(32), dense(1, None)], 12705),
    "cnn_lstm": (
        cnn_lstm,
        [
            *[entry(None, 10, 10, 1), steps({**conv(2), "kernel_size": [2, 2]}), steps(POOL), steps(FLATTEN)],
            *[lstm(50), dense(1, "sigmoid")],
        ],
        16661,
    ),
    "encoder_decoder": (
        encoder_decoder,
        [
            *[entry(8, 11), lstm(75), {"type": "repeat_vector", "n": 2}, lstm(50, return_sequences=True)],
            steps(dense(11, "softmax")),
        ],
        51861,
    ),
    "bilstm": (
        bilstm,
        [
            entry(10, 1),
            {"type": "bidirectional", "layer": lstm(20, return_sequences=True)},
            steps(dense(1, "sigmoid")),
        ],
        3561,
    ),
}


def from_config(layers: list[dict[str, Any]]) -> Model:
    named = {f"layer_{place}": layer for place, layer in enumerate(layers)}
    model = {"type": "sequential", "layers": named}
    return build({"seed": 3, "model": model, "dataset": "xor", "loss": "mse", "tracking": "none"}).model


@pytest.mark.parametrize(("written", "layers", "count"), TUTORIALS.values(), ids=list(TUTORIALS))
def test_python_and_config_have_the_parameters_of_the_tutorial(
    written: Any, layers: list[dict[str, Any]], count: int
) -> None:
    model, configured = written(), from_config(layers)
    assert model.count_params() == configured.count_params() == count
    assert [weight.shape for weight in model.get_weights()] == [weight.shape for weight in configured.get_weights()]


def test_the_cnn_has_the_shapes_of_the_tutorial_and_fits_images() -> None:
    model = cnn()
    images = np.random.default_rng(0).random((4, 28, 28, 3)).astype("float32")
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images, np.arange(4), verbose=0)
    sizes = [layer.output.shape[1] for layer in model.layers if isinstance(layer, Conv2D | MaxPooling2D | Flatten)]
    assert sizes == [28, 26, 13, 13, 11, 5, 1600]
    assert model.count_params() == 890410


def test_each_layer_of_the_mnist_cnn_has_the_tutorials_parameters() -> None:
    counts = [layer.count_params() for layer in mnist_cnn().layers]
    assert [count for count in counts if count] == [320, 18496, 36928, 36928, 650]


def test_each_layer_of_the_text_lstm_has_the_tutorials_parameters() -> None:
    assert [layer.count_params() for layer in lstm_text().layers] == [1000000, 117248, 129]


def test_padding_before_a_text_changes_nothing_where_zeros_are_masked() -> None:
    layers = [Input((None,), dtype="int32"), Embedding(50, 6, mask_zero=True), LSTM(5), Dense(1, activation="sigmoid")]
    model = Sequential(layers, seed=1)
    words = np.random.default_rng(0).integers(1, 50, size=(3, 4))
    padded = np.concatenate([np.zeros((3, 5), dtype=words.dtype), words], axis=1)
    assert np.allclose(model.predict(padded, verbose=0), model.predict(words, verbose=0), atol=1e-6)


def test_a_stacked_lstm_without_return_sequences_says_which_layer_and_what_to_do() -> None:
    with pytest.raises(ShapeError) as caught:
        Sequential([Input((8, 1)), LSTM(32, name="first"), LSTM(32, name="second"), Dense(1)])
    assert "layer 'second'" in str(caught.value)
    assert "`return_sequences: true`" in str(caught.value)
