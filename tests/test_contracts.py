"""Everything that is registered keeps the contract of its kind.

A component that can be made without arguments is checked as it is. One that cannot, or that needs other inputs than
the suite's own, has its cases in the tables below: a new plugin is tested by existing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.preprocessing import StandardScaler

from kexp import plugins
from kexp.backend import BackendUnavailableError
from kexp.core.component import REQUIRED, parameters
from kexp.errors import MissingFileError
from kexp.hookspecs import KINDS
from kexp.testing import (
    check_activation,
    check_backend,
    check_callback,
    check_constraint,
    check_dataset,
    check_initializer,
    check_layer,
    check_loss,
    check_metric,
    check_optimizer,
    check_regularizer,
    check_schedule,
    check_splitter,
    check_transform,
)


@dataclass(frozen=True)
class Case:
    """Arguments of a component, and options of the suite. A text with {tmp} in it gets the test's own folder."""

    arguments: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    slow: bool = False

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return re.sub(r" at 0x\w+", "", said)


def case(*, slow: bool = False, options: dict[str, Any] | None = None, **arguments: Any) -> Case:
    return Case(arguments, options or {}, slow)


def shaped(*shape: int, inputs: Any = None, skip: tuple[str, ...] = (), **arguments: Any) -> Case:
    """A layer for inputs of a shape, batch axis included."""
    return Case(arguments, {"input_shape": shape, "inputs": inputs, "skip": skip})


def pair(*shape: int, **arguments: Any) -> Case:
    """A layer of two inputs of one shape."""
    return Case(arguments, {"input_shape": [shape, shape]})


def steps_that_count(rng: np.random.Generator) -> list[Any]:
    mask = np.array([[1, 1, 1, 0, 0], [1, 0, 0, 0, 0], [1, 1, 1, 1, 1], [1, 1, 0, 1, 0]], dtype=bool)
    return [(rng.standard_normal((4, 5, 3)), mask)]


def words(rng: np.random.Generator) -> Any:
    return rng.integers(0, 7, (4, 5))


def some_zero_steps(rng: np.random.Generator) -> Any:
    return rng.standard_normal((4, 5, 3)) * np.array([1, 1, 0, 1, 0])[:, None]


def two_sequences_with_masks(rng: np.random.Generator) -> list[Any]:
    queries, values = (
        np.array([[1, 1, 0], [1, 1, 1]], dtype=bool),
        np.array([[1, 1, 1, 0, 0], [1, 0, 1, 1, 1]], dtype=bool),
    )
    return [(rng.standard_normal((2, 3, 4)), queries), (rng.standard_normal((2, 5, 4)), values)]


sequence, image = (4, 5, 3), (2, 6, 7, 2)
recurrent = [
    shaped(*sequence, units=2),
    shaped(*sequence, units=2, return_sequences=True, activation="relu"),
    shaped(*sequence, units=2, go_backwards=True),
    shaped(*sequence, units=2, return_sequences=True, inputs=steps_that_count),
]
merging = [pair(4, 5), Case({}, {"input_shape": [(4, 2, 3), (4, 2, 3), (4, 2, 3)]})]
pooling_1d = [shaped(*sequence, pool_size=2), shaped(*sequence, pool_size=3, strides=2, padding="same")]
pooling_2d = [shaped(*image, pool_size=2), shaped(*image, pool_size=3, strides=2, padding="same")]

pooling_all_1d = [shaped(*sequence), shaped(*sequence, keepdims=True)]
pooling_all_2d = [shaped(*image), shaped(*image, data_format="channels_first")]
attending = [
    pair(2, 3, 4),
    Case({"use_causal_mask": True}, {"input_shape": [(2, 3, 4), (2, 5, 4), (2, 5, 4)]}),
    Case({"dropout": 0.3}, {"input_shape": [(2, 3, 4), (2, 5, 4)], "inputs": two_sequences_with_masks}),
]


def texts(rng: np.random.Generator) -> Any:
    return rng.choice(["a", "b", "c", "q"], (4, 5))


def sentences(rng: np.random.Generator) -> Any:
    return np.array([[" ".join(row)] for row in texts(rng)])


LETTERS, NUMBERS = {"vocabulary": ["a", "b", "c"]}, {"vocabulary": [2, 3, 5]}
LAYERS: dict[str, list[Case]] = {
    "activation": [shaped(4, 5, activation=name) for name in ("relu", "softmax")],
    "average_pooling1d": pooling_1d,
    "average_pooling2d": pooling_2d,
    "batch_normalization": [shaped(4, 5), shaped(*image), shaped(4, 5, center=False, scale=False)],
    "conv1d": [
        shaped(*sequence, filters=2, kernel_size=3),
        shaped(*sequence, filters=2, kernel_size=2, padding="causal", activation="tanh"),
        shaped(*sequence, filters=2, kernel_size=3, strides=2, padding="same", use_bias=False),
    ],
    "conv2d": [
        shaped(*image, filters=3, kernel_size=3),
        shaped(*image, filters=3, kernel_size=(3, 2), strides=2, padding="same", activation="relu"),
        shaped(*image, filters=2, kernel_size=2, dilation_rate=2, use_bias=False),
        shaped(*image, filters=4, kernel_size=2, groups=2),
    ],
    "conv2d_transpose": [
        shaped(*image, filters=3, kernel_size=3, strides=2),
        shaped(*image, filters=3, kernel_size=(3, 2), padding="same", data_format="channels_first"),
    ],
    "dense": [
        shaped(4, 5, units=3),
        shaped(4, 5, units=3, activation="relu"),
        shaped(4, 2, 5, units=3, activation="softmax", use_bias=False),
        shaped(4, 5, units=1, activation="sigmoid", kernel_regularizer="l2", kernel_constraint="non_neg"),
    ],
    "depthwise_conv2d": [shaped(*image, kernel_size=3), shaped(*image, kernel_size=2, depth_multiplier=2)],
    "dot": [pair(4, 3, axes=-1)],
    "dropout": [shaped(4, 5, rate=0.4), shaped(4, 3, 5, rate=0.4, noise_shape=[None, 1, None]), shaped(4, 5, rate=0)],
    "alpha_dropout": [shaped(4, 5, rate=0.4)],
    "gaussian_dropout": [shaped(4, 5, rate=0.4)],
    "gaussian_noise": [shaped(4, 5, stddev=0.3)],
    "spatial_dropout1d": [shaped(*sequence, rate=0.4)],
    "spatial_dropout2d": [shaped(*image, rate=0.4)],
    "embedding": [shaped(4, 5, input_dim=7, output_dim=3, inputs=words)],
    "flatten": [shaped(*image), shaped(*image, data_format="channels_first"), shaped(4, 5)],
    "input_layer": [shaped(4, 5, shape=(5,))],
    "masking": [shaped(*sequence), shaped(*sequence, inputs=some_zero_steps, skip=("gradients",))],
    "max_pooling1d": pooling_1d,
    "max_pooling2d": pooling_2d,
    "operation": [
        shaped(4, 3, function="multiply", right=2.0),
        shaped(4, 3, function="subtract", left=[1.0, 2.0, 3.0]),
        shaped(4, 5, 3, function="get_item", key=[[None, None, None], -1]),
        pair(4, 3, function="add"),
    ],
    "permute": [shaped(4, 2, 3, dims=(2, 1))],
    "prelu": [shaped(4, 5)],
    "repeat_vector": [shaped(4, 5, n=3)],
    "rescaling": [shaped(4, 5, scale=0.5, offset=1.0), shaped(4, 5, scale=[1.0, 2.0, 3.0, 4.0, 5.0])],
    "normalization": [
        shaped(4, 5),
        shaped(4, 3, 5, axis=[1, 2], invert=True),
        shaped(4, 5, mean=3.0, variance=2.0),
        shaped(4, 5, axis=None),
    ],
    "category_encoding": [
        shaped(4, 5, num_tokens=7, output_mode=mode, inputs=words) for mode in ("multi_hot", "one_hot", "count")
    ],
    "integer_lookup": [
        shaped(4, 5, **NUMBERS, inputs=words),
        shaped(4, 5, **NUMBERS, output_mode="count", inputs=words),
    ],
    "string_lookup": [
        shaped(4, 5, **LETTERS, inputs=texts),
        shaped(4, 5, **LETTERS, output_mode="one_hot", inputs=texts),
    ],
    "text_vectorization": [
        shaped(4, 1, **LETTERS, output_sequence_length=3, inputs=sentences),
        shaped(4, 1, **LETTERS, output_mode="count", inputs=sentences),
        shaped(4, 5, **LETTERS, split=None, inputs=texts),
    ],
    "reshape": [shaped(4, 6, target_shape=(2, 3)), shaped(4, 2, 3, target_shape=(-1,))],
    "separable_conv2d": [
        shaped(*image, filters=3, kernel_size=3),
        shaped(*image, filters=3, kernel_size=2, depth_multiplier=2, strides=2, padding="same"),
    ],
    "cropping1d": [shaped(*sequence)],
    "cropping2d": [shaped(*image, cropping=((0, 1), (2, 0)))],
    "up_sampling1d": [shaped(*sequence)],
    "up_sampling2d": [shaped(*image), shaped(*image, size=(2, 3), interpolation="bilinear")],
    "zero_padding1d": [shaped(*sequence, padding=(0, 2))],
    "zero_padding2d": [shaped(*image, padding=((0, 1), (2, 0)))],
    "simple_rnn": recurrent,
    "lstm": recurrent,
    "gru_cell": [Case({"units": 2}, {"input_shape": [(4, 3), (4, 2)]})],
    "lstm_cell": [Case({"units": 2}, {"input_shape": [(4, 3), (4, 2), (4, 2)]})],
    "simple_rnn_cell": [Case({"units": 2}, {"input_shape": [(4, 3), (4, 2)]})],
    "rnn": [shaped(*sequence, cell={"type": "gru_cell", "units": 2}, return_sequences=True, inputs=steps_that_count)],
    "stacked_rnn_cells": [
        Case({"cells": [{"type": "gru_cell", "units": 2}] * 2}, {"input_shape": [(4, 3), *[(4, 2)] * 2]})
    ],
    "gru": [*recurrent, shaped(*sequence, units=2, reset_after=False)],
    "time_distributed": [shaped(*sequence, layer={"type": "dense", "units": 2})],
    "bidirectional": [shaped(*sequence, layer={"type": "lstm", "units": 2})],
    **dict.fromkeys(("add", "average", "maximum", "minimum", "multiply"), merging),
    "subtract": [pair(4, 5)],
    "global_average_pooling1d": pooling_all_1d,
    "global_average_pooling2d": pooling_all_2d,
    "global_max_pooling1d": pooling_all_1d,
    "global_max_pooling2d": pooling_all_2d,
    "attention": [
        *attending,
        Case({"score_mode": "concat", "use_scale": True, "dropout": 0.3}, {"input_shape": [(2, 3, 4), (2, 5, 4)]}),
    ],
    "multi_head_attention": [Case({"num_heads": 2, "key_dim": 3, **one.arguments}, one.options) for one in attending],
    "lambda": [shaped(4, 5, function="tanh")],
    "concatenate": [pair(4, 5), Case({"axis": 1}, {"input_shape": [(4, 2, 3), (4, 1, 3)]})],
    "random_flip": [shaped(*image), shaped(*image, mode="horizontal", data_format="channels_first")],
    "random_rotation": [shaped(*image, factor=0.5, fill_mode=mode) for mode in ("reflect", "wrap", "constant")],
    "random_translation": [shaped(*image, height_factor=1.0, width_factor=0.3, fill_mode="nearest")],
    "random_zoom": [shaped(*image, height_factor=0.9), shaped(*image, height_factor=0.5, interpolation="nearest")],
    "random_shear": [shaped(*image, x_factor=1.0, y_factor=0.5)],
    "random_crop": [shaped(*image, height=4, width=3), shaped(*image, height=9, width=3)],
    "random_brightness": [shaped(*image, factor=0.2, value_range=(-2, 2))],
    "random_contrast": [shaped(*image, factor=0.3, value_range=(-2, 2))],
    "resizing": [
        shaped(*image, height=4, width=9),
        shaped(*image, height=3, width=3, interpolation="bicubic", antialias=True, crop_to_aspect_ratio=True),
        shaped(*image, height=3, width=9, pad_to_aspect_ratio=True, data_format="channels_first"),
        shaped(*image, height=9, width=3, interpolation="nearest"),
    ],
    "center_crop": [shaped(*image, height=3, width=4), shaped(*image, height=8, width=4)],
}


def labels(rng: np.random.Generator) -> tuple[Any, Any]:
    scores = np.exp(0.5 * rng.standard_normal((8, 4)))
    return rng.integers(0, 4, 8), scores / scores.sum(-1, keepdims=True)


def yes_or_no(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.integers(0, 2, (8, 1)).astype(float), rng.uniform(0.1, 0.9, (8, 1))


def label_scores(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.integers(0, 4, 8), rng.standard_normal((8, 4))


def scores(rng: np.random.Generator) -> tuple[Any, Any]:
    return np.eye(4)[rng.integers(0, 4, 8)], rng.standard_normal((8, 4))


def given(inputs: Any, **arguments: Any) -> Case:
    """A loss or metric on its own inputs."""
    return Case(arguments, {"inputs": inputs})


def signs(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.choice([-1.0, 1.0], (8, 4)), rng.standard_normal((8, 4))


def numbers(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.standard_normal((8, 4)), rng.standard_normal((8, 4))


LOSSES: dict[str, list[Case]] = {
    "binary_crossentropy": [
        case(),
        given(yes_or_no),
        given(scores, from_logits=True),
        case(label_smoothing=0.1, reduction="sum"),
        case(fused=False),
    ],
    "categorical_crossentropy": [case(), given(scores, from_logits=True), case(label_smoothing=0.1), case(fused=False)],
    "sparse_categorical_crossentropy": [
        given(labels),
        given(label_scores, from_logits=True),
        given(labels, ignore_class=2),
        given(labels, fused=False, reduction="sum"),
    ],
    "crossentropy": [case(), given(labels), given(yes_or_no)],
    "binary_focal_crossentropy": [case(), given(scores, from_logits=True, apply_class_balancing=True, gamma=1.5)],
    "categorical_focal_crossentropy": [case(), given(scores, from_logits=True, gamma=0.0), case(label_smoothing=0.1)],
    "huber": [case(), given(numbers, delta=0.5, reduction="none")],
    "cosine_similarity": [case(), given(numbers, reduction="mean_with_sample_weight")],
    "mean_absolute_percentage_error": [given(numbers)],
    **{name: [case(), given(signs, reduction=None)] for name in ("hinge", "squared_hinge")},
}

METRICS: dict[str, list[Case]] = {
    "accuracy": [case(), given(labels), given(yes_or_no)],
    "binary_accuracy": [given(yes_or_no), case(threshold=0.3)],
    **{name: [given(labels)] for name in ("sparse_categorical_accuracy", "sparse_categorical_crossentropy")},
    "sequence_accuracy": [case(), given(labels)],
    "sparse_top_k_categorical_accuracy": [given(labels, k=2)],
    "top_k_categorical_accuracy": [case(k=2)],
    "f1_score": [case(average=how) for how in ("macro", "micro", "weighted")],
    "fbeta_score": [case(average="macro", beta=2.0, threshold=0.4)],
    "r2_score": [given(numbers), given(numbers, class_aggregation="variance_weighted_average")],
    "crossentropy": [case(), given(labels), given(yes_or_no)],
    "auc": [case(), case(curve="PR"), case(multi_label=True), case(thresholds=[0.3, 0.6], summation_method="minoring")],
    **{name: [case(), case(thresholds=0.3, top_k=2), case(class_id=1)] for name in ("precision", "recall")},
}

OPTIMIZERS: dict[str, list[Case]] = {
    "sgd": [
        case(),
        case(momentum=0.9),
        case(momentum=0.9, nesterov=True, clipvalue=0.5),
        case(global_clipnorm=1.0, gradient_accumulation_steps=2),
    ],
    "adam": [
        case(),
        case(amsgrad=True, clipnorm=0.5),
        case(weight_decay=0.01),
        case(use_ema=True, ema_overwrite_frequency=3),
    ],
    "rmsprop": [case(), case(momentum=0.5), case(centered=True, momentum=0.5)],
    "adagrad": [case(), case(initial_accumulator_value=0.5, weight_decay=0.01)],
    "adadelta": [case(), case(learning_rate=1.0, rho=0.8, use_ema=True)],
}

MATRICES = {"shapes": [(6, 5), (3, 3, 4, 5)]}
MULTI_AXIS: dict[str, dict[str, list[Case]]] = {
    "initializer": {
        "constant": [case(value=0.5)],
        "identity": [case(options={"shapes": [(5, 5), (6, 4)]}, gain=2.0)],
        "orthogonal": [case(options=MATRICES), case(options=MATRICES, gain=0.5, seed=3)],
        "variance_scaling": [case(), case(scale=2.0, mode="fan_out", distribution="uniform", seed=3)],
    },
    "regularizer": {
        "l1_l2": [case(l1=0.1, l2=0.2)],
        "orthogonal_regularizer": [case(options={"shapes": [(6, 5)]})],
    },
    "constraint": {
        "max_norm": [case(), case(max_value=1, axis=-1)],
        "min_max_norm": [
            case(min_value=0.5, max_value=1.5),
            case(rate=0.5, options={"skip": ("projection",)}),  # goes half of the way each time
        ],
    },
}

STEPS = {"initial_learning_rate": 0.1, "decay_steps": 10}
SCHEDULES: dict[str, list[Case]] = {
    "exponential_decay": [case(**STEPS, decay_rate=0.5), case(**STEPS, decay_rate=0.5, staircase=True)],
    "inverse_time_decay": [case(**STEPS, decay_rate=0.5)],
    "piecewise_constant_decay": [case(boundaries=[10, 20], values=[0.1, 0.05, 0.01])],
    "polynomial_decay": [case(**STEPS), case(**STEPS, power=2.0, cycle=True)],
    "cosine_decay": [case(**STEPS), case(**STEPS, warmup_target=0.2, warmup_steps=5)],
    "cosine_decay_restarts": [case(initial_learning_rate=0.1, first_decay_steps=10)],
}

UNTIL_NAN = {"logs": [{"loss": 1.0}, {"loss": float("nan")}, {"loss": 0.5}]}
CALLBACKS: dict[str, list[Case]] = {
    "csv_logger": [case(filename="{tmp}/log.csv"), case(filename="{tmp}/more.csv", append=True, separator=";")],
    "early_stopping": [
        case(),
        case(patience=2, restore_best_weights=True),
        case(monitor="val_accuracy", patience=1, min_delta=0.01, start_from_epoch=2),
        case(monitor="loss", patience=3, baseline=0.5, mode="min"),
    ],
    "lambda_callback": [
        case(options={"skip": ("config",)}, on_epoch_end=lambda epoch, logs: logs.update(twice=2 * logs["loss"]))
    ],
    "learning_rate_scheduler": [
        case(options={"skip": ("config",)}, schedule=lambda epoch, rate: rate * 0.9),
        case(options={"skip": ("config",)}, schedule=lambda epoch: 0.1 / (epoch + 1)),
    ],
    "model_checkpoint": [
        case(filepath="{tmp}/{epoch}.keras"),
        case(filepath="{tmp}/best.weights.h5", save_weights_only=True, save_best_only=True, monitor="val_accuracy"),
        case(filepath="{tmp}/often.keras", save_freq=3),
    ],
    "reduce_lr_on_plateau": [case(), case(patience=2, cooldown=1, factor=0.5, min_lr=0.01)],
    "terminate_on_nan": [case(), case(options=UNTIL_NAN)],
    "backup_and_restore": [case(backup_dir="{tmp}")],
}

TABLE = "a,b,c\n" + "".join(f"{i},{i * i % 7},{i % 2}\n" for i in range(40))
DATASETS: dict[str, list[Case]] = {
    "csv": [case(path="{tmp}/table.csv", target="c"), case(path="{tmp}/table.csv", target=2, test_fraction=0.25)],
    "digits": [case(), case(test_fraction=0.5, seed=3)],
    "fashion_mnist": [case(slow=True, options={"duplicates": 0.001}), case(slow=True, flatten=True, one_hot=True)],
    "iris": [case(options={"duplicates": 0.05}), case(as_frame=True, options={"duplicates": 0.05})],
    "diabetes": [case(), case(as_frame=True, scaled=False)],
    "pima": [case(), case(as_frame=True, zeros_are_missing=True)],
    "boston_housing": [case(), case(as_frame=True, dtype="float64")],
    "rt_polarity": [case(options={"duplicates": 0.01}), case(test_fraction=0.5, seed=3, options={"duplicates": 0.01})],
    "mnist_t10k": [case(slow=True), case(slow=True, test_fraction=0.5, flatten=True, one_hot=True)],
    "synthetic": [case(kind=kind, n=100) for kind in ("blobs", "moons", "spirals", "regression")],
    "timeseries": [case(path="{tmp}/table.csv", target="c"), case(path="{tmp}/table.csv", target="c", time="a")],
    # files too large to fetch for a test, or made by a program: tests/datasets runs the suite on small ones of them
    "mnist": [],
    "imdb": [],
    "text_folder": [],
    "cifar10": [],
    "cifar100": [],
    "covtype": [],
    "california_housing": [],
    "openml": [],
    "hdf5": [],
    "npy": [],
    "npz": [],
    "parquet": [],
    "arrays": [],
    "image_folder": [
        case(path="{tmp}/pictures", image_size=(6, 5)),
        case(path="{tmp}/pictures", labels=None, image_size=4, color_mode="grayscale"),
    ],
}


def passengers(rng: np.random.Generator) -> Any:
    import pandas

    return pandas.DataFrame(
        {
            "age": rng.integers(1, 80, 40),
            "fare": rng.gamma(2.0, 15.0, 40).round(2),
            "port": rng.choice(["Cherbourg", "Queenstown", "Southampton"], 40),
            "class": rng.choice(["first", "second"], 40),
        },
        index=np.arange(40) + 100,
    )


def monthly(rng: np.random.Generator) -> Any:
    return passengers(rng)[["age", "fare"]]


def passengers_with_gaps(rng: np.random.Generator) -> Any:
    table = passengers(rng).astype({"age": float})
    for column in ("age", "port"):
        table.loc[rng.random(40) < 0.2, column] = None
    return table


def class_numbers(rng: np.random.Generator) -> Any:
    return np.append(rng.integers(0, 4, 39), 3)


def ports(rng: np.random.Generator) -> Any:
    return passengers(rng)["port"].to_numpy(object)


def ragged(rng: np.random.Generator) -> Any:
    made = np.empty(40, dtype=object)
    made[:] = [rng.integers(1, 9, length).tolist() for length in rng.integers(0, 6, 40)]
    return made


def pictures(rng: np.random.Generator) -> Any:
    return rng.integers(0, 256, (20, 6, 8, 3), dtype=np.uint8)


def pictures_in_floats(rng: np.random.Generator) -> Any:
    return 255 * rng.random((20, 6, 8, 3))


def made_from(data: Callable[[np.random.Generator], Any], **arguments: Any) -> Case:
    """A transform on data of its own."""
    return Case(arguments, {"data": data})


def augmenting(**arguments: Any) -> list[Case]:
    return [made_from(pictures, **arguments), made_from(pictures_in_floats, **arguments)]


scalings = [case(), case(columns=[0, 2]), made_from(passengers), made_from(passengers, columns=["fare"])]
TRANSFORMS: dict[str, list[Case]] = {
    "clean_text": [made_from(ports), made_from(passengers)],
    "pad": [made_from(ragged), made_from(ragged, maxlen=3, padding="post", truncating="post", value=-1)],
    "vectorize_text": [
        made_from(ports),
        made_from(ports, split="character", output_mode="tf_idf", max_tokens=9),
        made_from(ports, output_mode="count", vocabulary=["queenstown"]),
    ],
    "cast": [case(), case(dtype="float64"), made_from(passengers, dtype="int64", columns=["age"])],
    "clip": [case(low=0.0, high=4.0), made_from(passengers, high=30.0)],
    "difference": [case(lag=2), made_from(passengers, columns=["fare"])],
    "drop_columns": [case(columns=[1]), made_from(passengers, columns=["port", -1])],
    "from_sklearn": [Case({"transformer": StandardScaler()}, {"skip": ("state", "config", "untouched", "dtype")})],
    "impute": [
        made_from(passengers_with_gaps, columns=["age"], strategy="median", add_indicator=True),
        made_from(passengers_with_gaps, strategy="most_frequent"),
        made_from(passengers_with_gaps, strategy="constant", value="unknown"),
        case(),
    ],
    "label_encode": [
        made_from(ports),
        made_from(passengers),
        made_from(class_numbers),
        made_from(passengers, columns=["age"]),
    ],
    "lags": [case(steps=[1, 4]), made_from(passengers, columns=["fare"]), made_from(passengers, keep=False)],
    "log1p": [made_from(passengers, columns=["fare"])],
    "min_max": [*scalings, case(low=-1.0, high=1.0, clip=True)],
    "one_hot": [
        made_from(passengers),
        made_from(passengers, columns=["port"], drop="first"),
        made_from(passengers, drop="if_binary", handle_unknown="ignore"),
        made_from(ports),
    ],
    "rescale": [case(scale=0.5, offset=1.0), case(scale=[1.0, 2.0, 3.0]), made_from(passengers, scale=0.1)],
    **{name: augmenting(height=4, width=5) for name in ("center_crop", "random_crop", "resize")},
    **{name: augmenting(factor=0.2) for name in ("random_brightness", "random_contrast", "random_rotation")},
    "random_affine": augmenting(flip="horizontal", rotation=0.1, zoom=0.2),
    "random_flip": augmenting(),
    "random_shear": augmenting(x_factor=0.2),
    "random_translation": augmenting(height_factor=0.2, width_factor=0.3),
    "random_zoom": augmenting(height_factor=0.2),
    "reshape": [case(shape=[3, 1]), case(shape=[-1])],
    "robust_scale": scalings,
    "select_columns": [case(columns=[2, 0]), made_from(passengers, columns=["fare", "age"])],
    "standardize": [*scalings, case(ddof=1)],
    "window": [case(length=5), case(length=3, horizon=2, stride=2, sampling=3), made_from(monthly, length=12)],
    "to_categorical": [made_from(class_numbers), made_from(class_numbers, num_classes=6)],
}

SPLITTERS: dict[str, list[Case]] = {
    "holdout": [
        case(),
        case(test=0.0, validation=7),
        case(test=0.2, validation=0.2, train=0.6, stratify=True, seed=3),
        case(test=10, validation=0.1, shuffle=False),
        case(train=20, test=20),
    ],
    "time": [case(), case(test=5, validation=0.2, gap=3)],
    "kfold": [case(), case(folds=3, fold=2, stratify=True), case(shuffle=False)],
}

SUITES: dict[str, tuple[Callable[..., None], dict[str, list[Case]]]] = {
    "layer": (check_layer, LAYERS),
    "activation": (check_activation, {}),
    "initializer": (check_initializer, MULTI_AXIS["initializer"]),
    "regularizer": (check_regularizer, MULTI_AXIS["regularizer"]),
    "constraint": (check_constraint, MULTI_AXIS["constraint"]),
    "loss": (check_loss, LOSSES),
    "metric": (check_metric, METRICS),
    "optimizer": (check_optimizer, OPTIMIZERS),
    "schedule": (check_schedule, SCHEDULES),
    "callback": (check_callback, CALLBACKS),
    "dataset": (check_dataset, DATASETS),
    "transform": (check_transform, TRANSFORMS),
    "splitter": (check_splitter, SPLITTERS),
    "backend": (check_backend, {}),
}
USUAL_SHAPES = {1: (4, 5), 2: (4, 5), 3: sequence, 4: image}


def registered(kind: str) -> dict[str, Any]:
    """The makers of a kind, each under the first of its names."""
    registry, found = plugins.current()[kind], {}
    for name in registry:
        maker = registry.get(name)
        if maker not in found.values():
            found[name] = maker
    return found


def all_cases() -> Iterator[Any]:
    for kind, (_, table) in SUITES.items():
        for name, maker in registered(kind).items():
            for one in table.get(name, [Case()]):
                marks = [pytest.mark.slow] if one.slow else []
                marks += [pytest.mark.gpu] if (kind, name) == ("backend", "cupy") else []
                yield pytest.param(kind, name, maker, one, id=f"{kind}-{name}({one})", marks=marks)


@pytest.mark.parametrize(("kind", "name", "maker", "one"), list(all_cases()))
def test_it_keeps_its_contract(
    kind: str, name: str, maker: Any, one: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_arguments(kind, name, maker, one)
    if folder := os.environ.get("KEXP_TEST_DATA"):
        monkeypatch.setenv("KEXP_DATA", folder)
    (tmp_path / "table.csv").write_text(TABLE)
    if name == "image_folder":
        draw_pictures(tmp_path / "pictures")
    arguments = {key: with_folder(value, tmp_path) for key, value in one.arguments.items()}
    options = dict(one.options)
    if kind == "layer":
        options.setdefault("input_shape", USUAL_SHAPES.get(maker.min_ndim))
    make = (lambda: maker) if kind == "activation" and not isinstance(maker, type) else lambda: maker(**arguments)
    try:
        SUITES[kind][0](make, **options)
    except (MissingFileError, BackendUnavailableError) as error:
        pytest.skip(str(error).splitlines()[0])


def draw_pictures(folder: Path) -> None:
    rng = np.random.default_rng(0)
    for label in ("cats", "dogs"):
        (folder / label).mkdir(parents=True)
        for number in range(3):
            pixels = rng.integers(0, 256, (7, 8, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{number}.png")


def require_arguments(kind: str, name: str, maker: Any, one: Case) -> None:
    missing = [key for key, default in parameters(maker).items() if default is REQUIRED and key not in one.arguments]
    if missing and isinstance(maker, type):
        pytest.fail(
            f"the {kind} {name!r} cannot be made without {', '.join(missing)}, and tests/test_contracts.py does not "
            f"say what to give: add to the table of {kind}s an entry such as\n"
            f'    "{name}": [case({", ".join(f"{key}=..." for key in missing)})],'
        )


def with_folder(value: Any, folder: Path) -> Any:
    return value.replace("{tmp}", str(folder)) if isinstance(value, str) else value


def test_every_kind_has_a_suite() -> None:
    assert set(SUITES) | {"tracker"} == set(KINDS)  # a tracker's contract is with a server


@pytest.mark.parametrize("kind", SUITES)
def test_the_tables_name_components_by_the_first_of_their_names(kind: str) -> None:
    for name in SUITES[kind][1]:
        if name in plugins.current()[kind]:
            assert name in registered(kind), f"the table of {kind}s has the alias {name!r}"


def test_a_component_without_its_arguments_is_told_what_to_add() -> None:
    class Needy:
        def __init__(self, units: int, rate: float, name: str | None = None) -> None: ...

    with pytest.raises(pytest.fail.Exception) as caught:
        require_arguments("layer", "needy", Needy, Case())
    assert str(caught.value) == (
        "the layer 'needy' cannot be made without units, rate, and tests/test_contracts.py does not say what to give: "
        'add to the table of layers an entry such as\n    "needy": [case(units=..., rate=...)],'
    )
