"""Building: from a config to the objects of an experiment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kexp.backend import settings
from kexp.config import build, compose
from kexp.errors import ConfigError

Conf = Callable[[str, str], Path]


def test_an_experiment_has_all_that_its_config_names(conf: Conf) -> None:
    config = compose(
        ["+experiment=xor", "tracking=none", "metrics=[accuracy,{type: mae, name: error}]",
         "+callbacks.stop={type: early_stopping, monitor: loss, patience: 3}", "optimizer.learning_rate=0.5"]
    )  # fmt: skip
    made = build(config)
    assert [layer.name for layer in made.model.layers] == ["hidden_1", "hidden_2", "output"]
    assert (made.name, made.seed, made.backend, made.evaluate) == ("xor", 7, "numpy", None)
    assert type(made.dataset).__name__ == "Xor" or type(made.dataset).__name__ == "XOR"
    assert made.optimizer.learning_rate == 0.5
    assert made.metrics[0] == "accuracy" and made.metrics[1].name == "error"
    assert [type(callback).__name__ for callback in made.callbacks] == ["EarlyStopping"]
    assert type(made.tracker).__name__ == "NullTracker"
    assert made.fit["epochs"] == 500 and made.fit["validation_freq"] == 1
    assert made.config == config


def test_a_plain_dict_is_enough() -> None:
    made = build({"model": {"layers": {"out": {"type": "dense", "units": 1}}}, "dataset": "xor", "loss": "mse"})
    assert (made.name, made.fit["batch_size"], made.optimizer.name) == ("default", 32, "rmsprop")


def test_the_same_seed_builds_the_same_weights(conf: Conf) -> None:
    x = np.zeros((1, 2), dtype=np.float32)
    first, second, other = (build(compose(["+experiment=xor", f"seed={seed}"])).model for seed in (1, 1, 2))
    for model in (first, second, other):
        model.predict(x, verbose=0)
    assert all((a == b).all() for a, b in zip(first.get_weights(), second.get_weights(), strict=True))
    assert any((a != b).any() for a, b in zip(first.get_weights(), other.get_weights(), strict=True))


def test_floatx_and_backend_of_the_config_become_the_current_ones(conf: Conf) -> None:
    made = build(compose(["+experiment=xor", "floatx=float64"]))
    assert {layer.dtype for layer in made.model.layers} == {"float64"}
    assert (settings.floatx(), settings.backend()) == ("float64", "numpy")
    assert {layer.dtype for layer in build(compose(["+experiment=xor"])).model.layers} == {"float32"}


def test_a_wrong_config_builds_nothing_and_raises_all_its_mistakes() -> None:
    config = {"model": {"layers": {"out": {"type": "dense", "units": 0}}}, "dataset": "xor", "loss": "mes"}
    with pytest.raises(ConfigError) as caught:
        build(config)
    assert [problem.key for problem in caught.value.problems] == ["model.layers.out.units", "loss"]
