"""The normal form: types filled in, nulls dropped, layers in their places, defaults for all that is not given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kexp.config import compose, to_yaml, validate
from kexp.config.preparing import prepare
from kexp.errors import ConfigError

Conf = Callable[[str, str], Path]


def layers(conf: Conf, body: str, *overrides: str) -> dict[str, Any]:
    conf("experiment/x.yaml", f"# @package _global_\ndefaults: [xor, _self_]\n{body}")
    found: dict[str, Any] = compose(["+experiment=x", *overrides])["model"]["layers"]
    return found


def test_an_entry_without_type_takes_its_key_as_type(conf: Conf) -> None:
    found = layers(conf, "model: {layers: {dropout: {rate: 0.2}, flatten: {}}}\n")
    assert found["dropout"] == {"type": "dropout", "rate": 0.2}
    assert found["flatten"] == {"type": "flatten"}


def test_an_entry_that_is_a_name_is_that_type(conf: Conf) -> None:
    assert layers(conf, "model: {layers: {flat: flatten}}\n")["flat"] == {"type": "flatten"}


def test_maps_merge_in_the_order_in_which_their_keys_first_appear(conf: Conf) -> None:
    found = layers(conf, "model: {layers: {last: {type: flatten}, hidden_1: {units: 3}}}\n")
    assert list(found) == ["hidden_1", "hidden_2", "output", "last"]
    assert found["hidden_1"] == {"type": "dense", "units": 3, "activation": "relu"}


def test_null_entries_drop_out(conf: Conf) -> None:
    assert list(layers(conf, "model: {layers: {hidden_2: null}}\n")) == ["hidden_1", "output"]
    assert list(layers(conf, "", "model.layers.hidden_1=null")) == ["hidden_2", "output"]
    assert list(layers(conf, "", "~model.layers.hidden_1")) == ["hidden_2", "output"]


@pytest.mark.parametrize(
    "places, order",
    [
        ("a: {type: flatten, after: hidden_1}", ["hidden_1", "a", "hidden_2", "output"]),
        ("a: {type: flatten, before: hidden_1}", ["a", "hidden_1", "hidden_2", "output"]),
        (
            "a: {type: flatten, after: hidden_1}, b: {type: flatten, after: hidden_1}",
            ["hidden_1", "a", "b", "hidden_2", "output"],
        ),
        (
            "a: {type: flatten, before: output}, b: {type: flatten, before: output}",
            ["hidden_1", "hidden_2", "a", "b", "output"],
        ),
        (
            "a: {type: flatten, after: b}, b: {type: flatten, after: hidden_1}",
            ["hidden_1", "b", "a", "hidden_2", "output"],
        ),
        ("hidden_1: {after: output}", ["hidden_2", "output", "hidden_1"]),
    ],
)
def test_after_and_before_put_a_layer_in_its_place(places: str, order: list[str], conf: Conf) -> None:
    found = layers(conf, f"model: {{layers: {{{places}}}}}\n")
    assert list(found) == order
    assert not any({"after", "before"} & set(spec) for spec in found.values())


def test_callbacks_keep_their_order(conf: Conf) -> None:
    stop = "{type: early_stopping, monitor: loss}"
    conf("experiment/x.yaml", f"# @package _global_\ndefaults: [xor, _self_]\ncallbacks: {{b: {stop}, a: {stop}}}\n")
    assert list(compose(["+experiment=x", "+callbacks.a.patience=2"])["callbacks"]) == ["b", "a"]


def test_the_name_is_that_of_the_experiment_unless_given(conf: Conf) -> None:
    assert compose(["+experiment=xor"])["name"] == "xor"
    assert compose(["+experiment=xor", "name=mine"])["name"] == "mine"


def test_bringing_a_normal_form_into_normal_form_changes_nothing(conf: Conf) -> None:
    config = compose(["+experiment=xor", "+model.layers.drop={type: dropout, rate: 0.2, after: hidden_1}"])
    again = prepare(config)
    assert (again.config, again.problems) == (config, [])


def test_a_config_written_as_yaml_is_read_back_as_it_was(conf: Conf) -> None:
    config = compose(["+experiment=xor", "fit.class_weight={0: 1.0, 1: 2.5}", "name='yes: \"no\" # 1e3'"])
    conf("experiment/again.yaml", "# @package _global_\n" + to_yaml(config))
    assert compose(["+experiment=again"]) == config


def test_a_plain_config_needs_only_what_has_no_default() -> None:
    config = {
        "model": {"layers": {"out": {"type": "dense", "units": 1}}},
        "dataset": "xor",
        "loss": "mse",
    }
    assert validate(config) == []
    assert prepare(config).config["optimizer"] == {"type": "rmsprop"}


def test_a_plain_config_s_mistakes_are_told_by_key() -> None:
    config = {"model": {"layers": {"out": {"type": "dense", "units": "1"}}}, "dataset": "xor", "loss": None}
    assert [str(problem) for problem in validate(config)] == [
        "model.layers.out.units: expected int, got '1'",
        "loss: no loss is given; write loss=NAME, such as loss=mse\n"
        "Known: bce, binary_crossentropy, mean_squared_error, mse",
    ]


def test_compose_raises_all_mistakes_at_once(conf: Conf) -> None:
    with pytest.raises(ConfigError) as caught:
        compose(["+experiment=xor", "fit.epochs=ten", "seed=-1"])
    assert str(caught.value) == (
        "2 mistakes in the config:\n"
        "  command line: seed=-1: seed: seed must not be negative. Received: -1\n"
        "  command line: fit.epochs=ten: fit.epochs: expected int, got 'ten'"
    )
