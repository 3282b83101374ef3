"""What `compile` makes of losses, weights and metrics for one and for two outputs, and what the logs call them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.errors import ArgumentError
from kexp.layers import Dense, Input
from kexp.models import Model

X = np.random.default_rng(0).random((6, 3)).astype("float32")
YS = [np.ones((6, 1)), np.zeros((6, 2))]


def made(outputs: int, **compiled: Any) -> Model:
    given = Input((3,))
    found = [Dense(1, name="p")(given), Dense(2, name="q")(given)][:outputs]
    model = Model(given, found if outputs > 1 else found[0])
    model.compile("sgd", **({"loss": "mse"} | compiled))
    return model


def logs(outputs: int, weight: Any = None, **compiled: Any) -> dict[str, float]:
    y = YS if outputs > 1 else YS[0]
    found = made(outputs, **compiled).evaluate(X, y, sample_weight=weight, return_dict=True, verbose=0)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("metrics", "names"),
    [
        (["mae", "mse"], ["p_mae", "q_mse"]),
        (("mae", "mse"), ["p_mae", "q_mse"]),
        ([["mae", "mse"], []], ["p_mae", "p_mse"]),
        ([None, "mse"], ["q_mse"]),
        ([["mae"], None], ["p_mae"]),
        ({"q": "mae"}, ["q_mae"]),
        ([], []),
    ],
)
def test_a_list_of_metrics_has_an_entry_for_each_output(metrics: Any, names: list[str]) -> None:
    assert list(logs(2, metrics=metrics)) == ["loss", "p_loss", "q_loss", *names]
    assert list(logs(2, weighted_metrics=metrics)) == ["loss", "p_loss", "q_loss", *names]


def test_one_output_takes_all_metrics_however_they_are_nested() -> None:
    assert list(logs(1, metrics=[["mae"], "mse", ["mape"]])) == ["loss", "mae", "mse", "mape"]


def test_weighted_metrics_of_a_name_that_is_taken_are_called_weighted() -> None:
    weight = np.arange(6.0)
    found = logs(1, weight, metrics=["mae", "mae"], weighted_metrics=["mae", "mae", "mse"])
    assert list(found) == ["loss", "mae", "mae_1", "weighted_mae", "weighted_mae_1", "mse"]
    assert found["weighted_mae"] == found["weighted_mae_1"] != found["mae"]
    assert found["mse"] == pytest.approx(found["loss"] * 6 / weight.sum(), rel=1e-5)
    assert list(logs(2, metrics=["mae", "mae"], weighted_metrics=["mae", None]))[3:] == [
        "p_mae",
        "p_weighted_mae",
        "q_mae",
    ]


def test_a_single_loss_of_two_outputs_is_logged_once() -> None:
    assert list(logs(2, loss={"p": "mse"}, metrics={"q": ["mae"]})) == ["loss", "q_mae"]


def test_a_loss_without_weight_counts_once() -> None:
    for weights in ({"p": 2.0}, [2.0, None], [2, 1]):
        found = logs(2, loss_weights=weights)
        assert found["loss"] == pytest.approx(2 * found["p_loss"] + found["q_loss"])


EACH = "a list has one entry for each of the model's 2 outputs, p, q. Received:"


@pytest.mark.parametrize(
    ("outputs", "compiled", "message"),
    [
        (2, {"metrics": ["mae"]}, f"metrics: {EACH} ['mae']"),
        (2, {"weighted_metrics": [["mae", "mse"]]}, f"weighted_metrics: {EACH} [['mae', 'mse']]"),
        (2, {"loss": ["mse"]}, f"loss: {EACH} ['mse']"),
        (2, {"loss_weights": [1.0]}, f"loss_weights: {EACH} [1.0]"),
        (2, {"loss_weights": "2"}, "loss_weights must be a finite number. Received: '2'"),
        (1, {"loss": ["mse", "mae"]}, "loss: the model has one output. Received: ['mse', 'mae']"),
        (1, {"metrics": "mae"}, "metrics must be a list, such as ['mae']. Received: 'mae'"),
        (1, {"metrics": 3}, "metrics must be a list, such as [3]. Received: 3"),
        (1, {"metrics": {"z": ["mae"]}}, "metrics: no output is called z. Outputs: p"),
        (
            1,
            {"metrics": ["mae", None]},
            "a metric must be a name, a Metric, or a function (y_true, y_pred). Received: None",
        ),
    ],
)
def test_what_does_not_fit_the_outputs_is_refused_by_compile(
    outputs: int, compiled: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentError) as error:
        made(outputs, **compiled)
    assert str(error.value) == message
