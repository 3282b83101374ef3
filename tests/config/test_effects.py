"""Settings of the command line without effect are errors that say what overrules them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kexp.config.requests import request

Conf = Callable[[str, str], Path]
Mistakes = Callable[..., list[str]]

HEAD = "# @package _global_\ndefaults: [xor, _self_]\n"


@pytest.mark.parametrize(
    "body, line",
    [("optimizer: sgd\n", 3), ("optimizer: {type: sgd}\n", 3), ("optimizer:\n  learning_rate: 0.1\n  type: sgd\n", 5)],
)
def test_a_choice_that_an_experiment_overrules_is_an_error(
    body: str, line: int, conf: Conf, mistakes: Mistakes
) -> None:
    conf("experiment/x.yaml", HEAD + body)
    assert mistakes("optimizer=rmsprop", experiment="x") == [
        f"command line: optimizer=rmsprop has no effect: conf/experiment/x.yaml:{line} sets optimizer.type: sgd; in that "
        "file write `override /optimizer: sgd` in the defaults list, then the command line wins"
    ]


def test_a_choice_of_an_experiment_s_defaults_list_gives_way_to_the_command_line(mistakes: Mistakes) -> None:
    assert mistakes("optimizer=sgd") == []
    assert request(["+experiment=xor", "optimizer=sgd"]).prepared.config["optimizer"]["type"] == "sgd"


def test_an_earlier_setting_of_the_same_key_is_an_error(mistakes: Mistakes) -> None:
    assert mistakes("fit.epochs=3", "fit.epochs=5") == [
        "command line: fit.epochs=3 has no effect: fit.epochs=5 comes after it"
    ]


def test_a_setting_below_a_key_that_is_removed_later_is_an_error(mistakes: Mistakes) -> None:
    assert mistakes("model.layers.hidden_2.units=3", "~model.layers.hidden_2") == [
        "command line: model.layers.hidden_2.units=3 has no effect: ~model.layers.hidden_2 comes after it"
    ]
    assert mistakes("model.layers.hidden_2.units=3", "model.layers.hidden_2=null") == [
        "command line: model.layers.hidden_2.units=3 has no effect: model.layers.hidden_2=null comes after it"
    ]


def test_settings_of_different_keys_of_one_map_all_have_effect(mistakes: Mistakes) -> None:
    assert mistakes("fit.epochs=3", "fit={batch_size: 2}", "fit.shuffle=false") == []


def test_a_model_file_and_an_experiment_with_layers_of_its_own_do_not_mix(conf: Conf, mistakes: Mistakes) -> None:
    conf("model/mlp.yaml", "type: sequential\nlayers:\n  only: {type: dense, units: 3}\n")
    assert mistakes("model=mlp") == [
        "command line: model=mlp: model: conf/experiment/xor.yaml:8 adds layers of its own (hidden_1, hidden_2, output) to "
        "those of model=mlp. Leave out model=mlp, or take the layers out of conf/experiment/xor.yaml"
    ]


def test_a_model_file_works_with_an_experiment_that_only_changes_its_layers(conf: Conf, mistakes: Mistakes) -> None:
    conf("model/mlp.yaml", "type: sequential\nlayers:\n  only: {type: dense, units: 3}\n")
    text = "# @package _global_\ndefaults: [override /dataset: xor, override /model: mlp]\nloss: mse\n"
    conf("experiment/x.yaml", text + "model: {layers: {only: {units: 1}}}\n")
    assert mistakes(experiment="x") == []
    assert mistakes("model=mlp", experiment="x") == []
    assert request(["+experiment=x"]).prepared.config["model"]["layers"] == {"only": {"type": "dense", "units": 1}}


def test_defaults_of_an_option_go_when_another_type_takes_its_place(conf: Conf) -> None:
    conf("experiment/x.yaml", HEAD + "optimizer: {type: sgd, momentum: 0.9}\n")
    assert request(["+experiment=x"]).prepared.config["optimizer"] == {"type": "sgd", "momentum": 0.9}
    changed = request(["+experiment=xor", "optimizer.type=sgd", "optimizer.learning_rate=0.5"]).prepared
    assert changed.problems == []
    assert changed.config["optimizer"] == {"type": "sgd", "learning_rate": 0.5}


def test_what_somebody_wrote_for_another_type_stays_and_is_an_error(conf: Conf, mistakes: Mistakes) -> None:
    conf("optimizer/mine.yaml", "type: sgd\nmomentum: 0.9\n")
    found = mistakes("optimizer=mine", "optimizer.type=adam")
    assert [text.partition(";")[0].partition("\n")[0] for text in found] == [
        "conf/optimizer/mine.yaml:2: optimizer.momentum: optimizer 'adam' has no argument 'momentum'"
    ]


def test_an_argument_set_over_a_plain_name_says_what_to_write(conf: Conf, mistakes: Mistakes) -> None:
    conf("experiment/x.yaml", HEAD + "callbacks: {stop: early_stopping}\n")
    assert mistakes("+callbacks.stop.monitor=loss", experiment="x") == [
        "command line: +callbacks.stop.monitor=loss: callbacks.stop.monitor: 'callbacks.stop' is a plain name; "
        "write callbacks.stop='{type: early_stopping, monitor: loss}'"
    ]
