"""Places: on which line of which file, or by which setting, a value was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kexp.config.composing import composed
from kexp.config.keys import leaf_suggestion, parsed, shown, suggestion
from kexp.config.sources import short_path
from kexp.config.yaml_lines import lines_of

Conf = Callable[[str, str], Path]


def test_lines_of_block_and_flow_maps_lists_anchors_and_merges() -> None:
    text = "a:\n  b: {c: 1,\n      d: 2}\n  e:\n    - x\n    - {f: 3}\ng: &g\n  h: 1\ni:\n  <<: *g\n"
    assert {shown(key): line for key, line in lines_of(text).keys.items()} == {
        "a": 1, "a.b": 2, "a.b.c": 2, "a.b.d": 3, "a.e": 4, "a.e[0]": 5, "a.e[1]": 6, "a.e[1].f": 6,
        "g": 7, "g.h": 8, "i": 9, "i.h": 8,
    }  # fmt: skip


def test_lines_of_a_file_with_a_package_lie_below_it_and_leave_the_defaults_list_out() -> None:
    found = lines_of("defaults:\n  - /optimizer@a.b: adam\n  - override /dataset: xor\nseed: 3\n", ("model",))
    assert found.keys == {("model", "seed"): 4, ("model",): 1}
    assert found.groups == {"optimizer": 2, "dataset": 3}


@pytest.mark.parametrize(
    "key, place",
    [
        ("fit.epochs", "conf/experiment/xor.yaml:13"),
        ("model.layers.hidden_2.units", "conf/experiment/xor.yaml:9"),
        ("model.layers.hidden_2.use_bias", "conf/experiment/xor.yaml:9"),
        ("metrics[0]", "conf/experiment/xor.yaml:12"),
        ("dataset.type", "conf/experiment/xor.yaml:3"),
        ("optimizer.beta_1", "conf/experiment/xor.yaml:4"),
        ("nowhere", ""),
    ],
)
def test_the_place_of_a_key_is_the_last_line_that_wrote_it_or_its_map(key: str, place: str, conf: Conf) -> None:
    assert composed(["+experiment=xor"]).sources.place(parsed(key)) == place


@pytest.mark.parametrize(
    "override, key, place",
    [
        ("fit.epochs=3", "fit.epochs", "command line: fit.epochs=3"),
        ("fit={epochs: 3}", "fit.epochs", "command line: fit={epochs: 3}"),
        ("optimizer=sgd", "optimizer.momentum", "command line: optimizer=sgd"),
        ("+fit.class_weight={0: 1.0}", "fit.class_weight.0", "command line: +fit.class_weight={0: 1.0}"),
        ("callbacks=early_stopping", "callbacks.early_stopping.patience", "command line: callbacks=early_stopping"),
        ("fit.epochs=3", "fit.batch_size", "conf/experiment/xor.yaml:13"),
    ],
)
def test_the_place_of_a_key_that_the_command_line_set_is_the_setting(
    override: str, key: str, place: str, conf: Conf
) -> None:
    assert composed(["+experiment=xor", override]).sources.place(parsed(key)) == place


def test_a_path_is_short_below_the_working_directory_and_whole_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert short_path(tmp_path / "conf" / "x.yaml") == "conf/x.yaml"
    assert short_path(tmp_path.parent / "x.yaml") == str(tmp_path.parent / "x.yaml")


@pytest.mark.parametrize(
    "name, known, near",
    [
        ("lr", ["learning_rate", "rho"], "learning_rate"),
        ("learningRate", ["learning_rate"], "learning_rate"),
        ("batch-size", ["batch_size"], "batch_size"),
        ("unit", ["units", "use_bias"], "units"),
        ("zzz", ["units"], None),
    ],
)
def test_suggestions_know_old_spellings_and_near_ones(name: str, known: list[str], near: str | None) -> None:
    assert suggestion(name, known) == near


def test_a_bare_name_is_found_deep_in_the_config_only_if_it_is_nearly_the_same() -> None:
    keys = ["fit.epochs", "optimizer.learning_rate", "model.type"]
    assert leaf_suggestion("epochs", keys) == "fit.epochs"
    assert leaf_suggestion("learning_rat", keys) == "optimizer.learning_rate"
    assert leaf_suggestion("typo", keys) is None
