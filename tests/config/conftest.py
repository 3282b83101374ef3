"""A working directory of its own, and a small set of plugins whose names do not change as kexp grows."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kexp import plugins
from kexp.config.requests import request
from kexp.plugins import Plugin, PluginSet

MODULES = (
    "configs",
    "activations.linear", "activations.relu", "activations.sigmoid", "activations.softmax",
    "backends.cupy", "backends.numpy",
    "callbacks.csv_logger", "callbacks.early_stopping",
    "datasets.csv", "datasets.digits", "datasets.xor",
    "initializers.glorot_uniform", "initializers.zeros",
    "layers.dense", "layers.dropout", "layers.flatten",
    "losses.binary_crossentropy", "losses.mean_squared_error",
    "metrics.accuracy", "metrics.mean_absolute_error", "metrics.binary_accuracy", "metrics.categorical_accuracy",
    "optimizers.adam", "optimizers.rmsprop", "optimizers.sgd",
    "regularizers.l2",
    "splitters.holdout", "splitters.kfold",
    "trackers.mlflow", "trackers.none",
    "transforms.one_hot", "transforms.rescale", "transforms.standardize",
)  # fmt: skip

XOR = """\
# @package _global_
defaults:
  - override /dataset: xor
  - override /optimizer: adam
seed: 7
model:
  layers:
    hidden_1: {type: dense, units: 8, activation: relu}
    hidden_2: {type: dense, units: 4, activation: relu}
    output: {type: dense, units: 1, activation: sigmoid}
loss: binary_crossentropy
metrics: [accuracy]
fit: {batch_size: 1, epochs: 500}
"""


@pytest.fixture(autouse=True)
def small_set() -> Iterator[PluginSet]:
    """The plugins of MODULES, and nothing else."""
    modules = [importlib.import_module(f"{plugins.BUILTIN}.{name}") for name in MODULES]
    made = PluginSet([Plugin(module.__name__, "built in", module=module) for module in modules])
    with plugins.using(made):
        yield made


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Writes a file below ./conf of a fresh working directory, which has experiment/xor.yaml already."""

    def write(name: str, text: str) -> Path:
        file = tmp_path / "conf" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    monkeypatch.chdir(tmp_path)
    write("experiment/xor.yaml", XOR)
    return write


@pytest.fixture
def mistakes(conf: Callable[[str, str], Path]) -> Callable[..., list[str]]:
    """What is wrong with `+experiment=xor` and these overrides, as a person reads it."""

    def check(*overrides: str, experiment: str | None = "xor") -> list[str]:
        chosen = [f"+experiment={experiment}"] if experiment else []
        return [str(problem) for problem in request([*chosen, *overrides]).prepared.problems]

    return check
