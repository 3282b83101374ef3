"""EarlyStopping against Keras' (tests/fixtures/early_stopping.json), its names, its messages, its state."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from kexp.callbacks import EarlyStopping
from kexp.errors import ArgumentError, UnknownNameError

CASES = json.loads((Path(__file__).parents[1] / "fixtures" / "early_stopping.json").read_text())


def losses(*values: float) -> list[dict[str, float]]:
    return [{"loss": value} for value in values]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['config']} on {case['values']}")
def test_it_stops_and_restores_where_keras_does(model: Any, case: dict[str, Any]) -> None:
    callback = EarlyStopping(monitor="loss", **case["config"])
    assert len(model.fit(callback, losses(*case["values"]))) == case["epochs"]
    assert model.weight == case["weight"]
    found = (callback.stopped_epoch, callback.best_epoch, callback.wait)
    assert found == (case["stopped_epoch"], case["best_epoch"], case["wait"])
    if case["best"] is None or math.isnan(case["best"]):
        assert callback.best is None or math.isnan(callback.best)
    else:
        assert callback.best == case["best"]


def test_one_object_serves_many_fits(model: Any) -> None:
    callback = EarlyStopping(monitor="loss", patience=1)
    first = len(model.fit(callback, losses(1, 2, 3, 4)))
    assert len(model.fit(callback, losses(5, 6, 7, 8))) == first == 2
    assert callback.best == 5


@pytest.mark.parametrize("monitor", ["accuracy", "val_acc", "val_auc", "output_recall"])
def test_metrics_that_should_rise_are_known_by_name(model: Any, monitor: str) -> None:
    callback = EarlyStopping(monitor=monitor)
    assert len(model.fit(callback, [{monitor: value} for value in (0.1, 0.2, 0.1, 0.3)])) == 3


@pytest.mark.parametrize(
    "monitor", ["loss", "val_loss", "mean_squared_error", "val_mae", "mse", "val_binary_crossentropy"]
)
def test_metrics_that_should_fall_are_known_by_name(model: Any, monitor: str) -> None:
    callback = EarlyStopping(monitor=monitor)
    assert len(model.fit(callback, [{monitor: value} for value in (0.3, 0.2, 0.3, 0.1)])) == 3


@pytest.mark.parametrize("monitor", ["perplexity", "accuracy_loss"])
def test_a_metric_of_unknown_direction_needs_a_mode(monitor: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        EarlyStopping(monitor=monitor)
    start = f"mode='auto' cannot tell whether {monitor!r} is to rise or to fall. Give mode='max' or mode='min'."
    assert str(caught.value).startswith(start)
    assert EarlyStopping(monitor=monitor, mode="max").rises


def test_a_misspelt_metric_is_told_the_usual_one() -> None:
    with pytest.raises(ArgumentError) as caught:
        EarlyStopping(monitor="val_los")
    assert str(caught.value).endswith("Give mode='max' or mode='min'. Or did you mean 'val_loss'?")


def test_a_missing_metric_is_an_error_that_names_the_others(model: Any) -> None:
    with pytest.raises(UnknownNameError) as caught:
        model.fit(EarlyStopping(monitor="val_los", mode="min"), [{"loss": 1.0, "val_loss": 2.0}])
    assert str(caught.value) == (
        "no metric is called 'val_los' (at early_stopping.monitor).\n"
        "Did you mean 'val_loss'?\n"
        "Known metrics: loss, val_loss."
    )


def test_a_fit_without_validation_is_told_what_to_give(model: Any) -> None:
    with pytest.raises(UnknownNameError) as caught:
        model.fit(EarlyStopping(), [{"loss": 1.0}])
    assert str(caught.value).splitlines()[-1] == (
        "Nothing was validated: give fit validation_data or validation_split."
    )


def test_epochs_that_validation_freq_leaves_out_do_not_count(model: Any) -> None:
    callback = EarlyStopping(patience=2)
    callback.set_params({"validation_freq": 2})
    logs = [{"loss": 0.0} | ({"val_loss": float(epoch)} if epoch % 2 else {}) for epoch in range(10)]
    assert len(model.fit(callback, logs)) == 6


def test_a_metric_of_the_training_may_not_be_missing_whatever_validation_freq(model: Any) -> None:
    callback = EarlyStopping(monitor="acc")
    callback.set_params({"validation_freq": 2})
    with pytest.raises(UnknownNameError, match="no metric is called 'acc'"):
        model.fit(callback, [{"loss": 1.0}])


def test_the_metric_is_declared_for_checks_before_training() -> None:
    assert EarlyStopping(monitor="val_acc").monitored == "val_acc"


@pytest.mark.parametrize("cut", range(1, 5))
def test_a_resumed_fit_ends_as_the_undisturbed_one(model: Any, cut: int) -> None:
    values = losses(3, 2, 2.5, 2.4, 2.3, 1)
    whole = EarlyStopping(monitor="loss", patience=3, restore_best_weights=True)
    model.fit(whole, values)
    before = EarlyStopping(monitor="loss", patience=3, restore_best_weights=True)
    model.begin(before)
    for epoch in range(cut):
        model.weight = epoch + 1
        before.on_epoch_end(epoch, dict(values[epoch]))
    state = json.loads(json.dumps(before.get_state()))
    after = EarlyStopping(monitor="loss", patience=3, restore_best_weights=True)
    resumed = type(model)()
    resumed.begin(after)
    after.set_state(state)
    for epoch in range(cut, 6):
        resumed.weight = epoch + 1
        after.on_epoch_end(epoch, dict(values[epoch]))
        if resumed.stop_training:
            break
    after.on_train_end({})
    assert after.get_state() == whole.get_state()
    assert resumed.weight == 2


def test_it_says_what_it_does_if_verbose(model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    callback = EarlyStopping(monitor="loss", patience=1, restore_best_weights=True, verbose=1)
    model.fit(callback, losses(2, 1, 3))
    assert capsys.readouterr().out == (
        "Epoch 3: early stopping\nRestoring model weights from the end of the best epoch: 2.\n"
    )


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"patience": -1}, "patience must be an int of at least 0. Received: -1"),
        ({"patience": 1.5}, "patience must be an int of at least 0. Received: 1.5"),
        ({"start_from_epoch": True}, "start_from_epoch must be an int of at least 0. Received: True"),
        ({"mode": "down"}, "mode must be one of 'auto', 'min', 'max'. Received: 'down'"),
        ({"min_delta": "small"}, "min_delta must be a finite number. Received: 'small'"),
        ({"baseline": "low"}, "baseline must be a finite number. Received: 'low'"),
        ({"monitor": None}, "monitor must be the name of a metric. Received: None"),
    ],
)
def test_wrong_arguments_are_named(config: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        EarlyStopping(**config)
    assert str(caught.value) == text
