"""Metrics of functional models in configs, and the names that callbacks may watch."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from kexp.config import build, validate

CONFIG: dict[str, Any] = {
    "seed": 1,
    "model": {
        "type": "functional",
        "inputs": {"a": {"shape": [4]}},
        "layers": {
            "h": {"type": "dense", "units": 5, "inputs": ["a"]},
            "p": {"type": "dense", "units": 1, "inputs": "h"},
            "q": {"type": "dense", "units": 2, "inputs": "h"},
        },
        "outputs": ["p", "q"],
    },
    "dataset": "xor",
    "loss": "mse",
    "fit": {"validation_split": 0.5},
    "tracking": "none",
}
BOTH = {"p": ["mae"], "q": ["accuracy", {"type": "mae", "name": "error"}]}
NAMES = ["loss", "p_loss", "q_loss", "p_mae", "q_accuracy", "q_error"]


def with_parts(**parts: Any) -> dict[str, Any]:
    return copy.deepcopy(CONFIG) | parts


def problems(config: dict[str, Any]) -> list[str]:
    return [f"{problem.key}: {problem.message}" for problem in validate(config)]


def stop(monitor: str) -> dict[str, Any]:
    return {"early_stopping": {"monitor": monitor}}


@pytest.mark.parametrize("name", [*NAMES, *(f"val_{name}" for name in NAMES)])
def test_what_an_epoch_logs_may_be_watched(name: str) -> None:
    config = with_parts(metrics=BOTH, callbacks=stop(name))
    assert problems(config) == []
    experiment = build(config)
    model = experiment.model
    model.compile("sgd", experiment.loss, metrics=experiment.metrics)
    x, ys = np.ones((6, 4)), [np.zeros((6, 1)), np.zeros((6, 2))]
    history = model.fit(x, ys, validation_data=(x, ys), verbose=0).history
    assert name in history
    assert set(history) == {*NAMES, *(f"val_{name}" for name in NAMES)}


def test_what_no_epoch_logs_may_not_be_watched() -> None:
    assert problems(with_parts(metrics=BOTH, callbacks=stop("val_mae"))) == [
        "callbacks.early_stopping.monitor: this run has no metric 'val_mae'; did you mean 'val_p_mae'?\n"
        f"Available: {', '.join([*NAMES, *(f'val_{name}' for name in NAMES), 'learning_rate'])}"
    ]


@pytest.mark.parametrize(
    ("metrics", "names"),
    [
        (["mae", "accuracy"], "p_mae, q_accuracy"),
        ([["mae"], ["accuracy", "mae"]], "p_mae, q_accuracy, q_mae"),
        ([{"type": "mae", "name": "error"}, None], "p_error"),
        ([None, ["mae"]], "q_mae"),
    ],
)
def test_a_list_has_an_entry_for_each_output_and_a_single_loss_is_logged_once(metrics: list[Any], names: str) -> None:
    config = with_parts(metrics=metrics, loss={"p": "mse"}, fit={})
    assert problems(config | {"callbacks": {"early_stopping": {"monitor": "lost", "mode": "min"}}}) == [
        "callbacks.early_stopping.monitor: this run has no metric 'lost'; did you mean 'loss'?\n"
        f"Available: loss, {names}, learning_rate"
    ]
    experiment = build(config)
    model = experiment.model
    model.compile("sgd", experiment.loss, metrics=experiment.metrics)
    logs = model.evaluate(np.ones((6, 4)), [np.zeros((6, 1)), np.zeros((6, 2))], return_dict=True, verbose=0)
    assert ", ".join(logs) == f"loss, {names}"


def test_a_list_of_another_length_than_the_outputs_is_refused() -> None:
    assert problems(with_parts(metrics=["mae"], callbacks=stop("p_mae"))) == [
        "metrics: a list has one entry for each of the model's 2 outputs, p, q; got 1: ['mae']\n"
        "By name: metrics={p:[mae],q:[mae]}"
    ]


def test_wrong_metrics_of_an_output_are_named() -> None:
    assert problems(with_parts(metrics={"p": ["mae", "mae"], "qq": ["mae"], "q": "mae"})) == [
        "metrics.p[1]: metrics.p[0] is called 'mae' already; give this one another `name`",
        "metrics.qq: the model has no output 'qq'. Did you mean 'q'?\nOutputs: p, q",
        "metrics.q: expected a list of metrics, got 'mae'; write metrics.q=[mae]",
    ]


def test_a_sequential_model_has_no_metrics_by_output() -> None:
    config = with_parts(metrics={"p": ["mae"]}, model={"layers": {"p": {"type": "dense", "units": 1}}})
    assert problems(config) == ["metrics: expected a list of metrics, got {p: ['mae']}"]
