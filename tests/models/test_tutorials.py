"""The models of the tutorials: as Python and as a config they have the parameters that the tutorials print."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.config import build
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


def dense(units: int, activation: str | None = "relu", **more: Any) -> dict[str, Any]:
    return {"type": "dense", "units": units, "activation": activation, **more}


def conv(filters: int, size: int = 3, padding: str = "valid") -> dict[str, Any]:
    return {"type": "conv2d", "filters": filters, "kernel_size": size, "padding": padding, "activation": "relu"}


def lstm(units: int, **more: Any) -> dict[str, Any]:
    return {"type": "lstm", "units": units, **more}


def entry(*shape: int | None) -> dict[str, Any]:
    return {"type": "input_layer", "shape": list(shape)}


def steps(layer: dict[str, Any]) -> dict[str, Any]:
    return {"type": "time_distributed", "layer": layer}


def drop(rate: float) -> dict[str, Any]:
    return {"type": "dropout", "rate": rate}


POOL: dict[str, Any] = {"type": "max_pooling2d", "pool_size": 2}
FLATTEN: dict[str, Any] = {"type": "flatten"}


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


UNIFORM = {"kernel_initializer": "uniform"}
CNN_STAGES = [conv(32, padding="same"), conv(32), POOL, drop(0.25), conv(64, padding="same"), conv(64), POOL, drop(0.25)]
TUTORIALS: dict[str, tuple[Any, list[dict[str, Any]], int]] = {
    "perceptron": (perceptron, [entry(10), dense(20), dense(1, "sigmoid")], 241),
    "regression": (regression, [entry(64), dense(64), dense(1, None)], 4225),
    "binary": (binary, [entry(64), dense(32, **UNIFORM), dense(16, **UNIFORM), dense(1, "sigmoid", **UNIFORM)], 2625),
    "multi_class": (multi_class, [entry(10), dense(128), dense(64), dense(10, "softmax")], 10314),
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
    "churn": (churn, [entry(11), dense(6, **UNIFORM), dense(6, **UNIFORM), dense(1, "sigmoid", **UNIFORM)], 121),
    "three_classes": (three_classes, [entry(8), dense(12), dense(8), dense(3, "softmax")], 239),
    "fashion": (fashion, [entry(784), dense(256), drop(0.2), dense(64), dense(10, "softmax")], 218058),
    "two_layers": (two_layers, [entry(52), dense(64), dense(7, "softmax")], 3847),
    "covtype": (covtype, [entry(54), dense(64), drop(0.5), dense(32), drop(0.5), dense(7, "softmax")], 5831),
    "mnist_mlp": (mnist_mlp, [entry(784), dense(512), dense(10, "softmax")], 407050),
    "mnist_deep_mlp": (mnist_deep_mlp, [entry(784), dense(512), dense(512), dense(10, "softmax")], 669706),
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
