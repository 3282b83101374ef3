"""Pipelines and splits in configs: what is right, and each mistake with its key and what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kexp.config import build, compose

TRANSFORMS = "one_hot, rescale, standardize"


@pytest.mark.parametrize(
    "overrides",
    [
        ["+pipeline.standardize={}"],
        ["+pipeline.scale={type: rescale, scale: 0.5}", "+target_pipeline.standardize={ddof: 1}"],
        ["+pipeline.a=standardize", "+pipeline.b={type: rescale, scale: 2, before: a}"],
        ["split=holdout", "split.test=0.25", "split.stratify=true"],
        ["split=kfold", "fold=3"],
        ["split=kfold", "split.folds=3", "split.fold=2", "fit.validation_data=validation"],
        ["+split={type: holdout, test: 0.5}", "evaluate=test"],
        ["split=kfold", "+callbacks.early_stopping={monitor: val_loss}"],
    ],
)
def test_what_is_right_passes(overrides: list[str], mistakes: Callable[..., list[str]]) -> None:
    assert mistakes(*overrides) == []


CASES = {
    "+pipeline.standardise={}": (
        "$: pipeline.standardise: no transform is called 'standardise'.\nDid you mean 'standardize'?\n"
        f"Without a `type`, an entry's own name stands for it.\nKnown transforms: {TRANSFORMS}."
    ),
    "+pipeline.scale={type: rescale}": (
        "$: pipeline.scale: missing required argument 'scale' (float or a list of floats) of transform 'rescale'"
    ),
    "+pipeline.standardize={ddof: x}": "$: pipeline.standardize.ddof: expected int, got 'x'",
    "+pipeline.standardize={dof: 1}": (
        "$: pipeline.standardize.dof: transform 'standardize' has no argument 'dof'; did you mean 'ddof'?\n"
        "Known: columns, ddof"
    ),
    "pipeline=[standardize]": "$: pipeline: it is a map here, and cannot become a list",
    "split={type: kfold, fold: 1}": (
        "$: split: no option of 'split' is chosen that could be changed; write '+split={type: kfold, fold: 1}'"
    ),
    "+pipeline.a={type: standardize, after: b}": (
        "$: pipeline.a.after: no other transform is called 'b'.\nSteps: none"
    ),
    "split=kfolds": (
        "$: split.type: no splitter is called 'kfolds'.\nDid you mean 'kfold'?\nKnown splitters: holdout, kfold."
    ),
    "+split={type: kfold, fold: 7}": "$: split.fold: fold must be a whole number from 0 to 4. Received: 7",
    "fold=2": "$: fold: fold=2 needs a split into folds, such as split=kfold",
    "fold=-1": "$: fold: fold=-1 needs a split into folds, such as split=kfold",
}  # fmt: skip


@pytest.mark.parametrize("override", CASES)
def test_a_mistake_is_told_with_its_key_and_what_to_write_instead(
    override: str, mistakes: Callable[..., list[str]]
) -> None:
    found = mistakes(override)
    assert CASES[override].replace("$", f"command line: {override}") in found


def test_a_fold_that_is_given_twice_is_an_error(mistakes: Callable[..., list[str]]) -> None:
    assert mistakes("split=kfold", "split.fold=2", "fold=3") == [
        "command line: fold=3: fold: fold is 3, and split.fold is 2; give one of them"
    ]


def test_a_step_that_is_set_and_not_added_is_told_how_to_be(mistakes: Callable[..., list[str]]) -> None:
    assert mistakes("target_pipeline.labels.type=label_encode") == [
        "command line: target_pipeline.labels.type=label_encode: target_pipeline.labels.type: there is no "
        "'target_pipeline.labels' in this config. To add it, write +target_pipeline.labels.type=label_encode"
    ]


def test_a_fold_out_of_range_is_told_where_it_was_given(mistakes: Callable[..., list[str]]) -> None:
    assert mistakes("split=kfold", "fold=7") == [
        "command line: fold=7: split.fold: fold must be a whole number from 0 to 4. Received: 7"
    ]


def test_a_split_that_validates_and_a_validation_split_are_an_error(mistakes: Callable[..., list[str]]) -> None:
    assert mistakes("split=kfold", "fit.validation_split=0.2") == [
        "command line: fit.validation_split=0.2: fit.validation_split: split=kfold already says which rows validate; "
        "leave fit.validation_split out"
    ]


def test_a_split_that_the_data_set_has_already_is_an_error(mistakes: Callable[..., list[str]]) -> None:
    assert mistakes("dataset=digits", "split=holdout") == [
        "command line: split=holdout: split: data set 'digits' has a split 'test' of its own; let split make another one"
    ]


def test_a_monitor_needs_validation_rows(mistakes: Callable[..., list[str]]) -> None:
    (text,) = mistakes("split=holdout", "+callbacks.early_stopping={monitor: val_loss}")
    assert "it has no validation data" in text


def test_steps_keep_their_order_and_a_split_for_validation_is_used(conf: Callable[[str, str], Path]) -> None:
    conf("experiment/xor.yaml", XOR)
    config = compose(
        ["+experiment=xor", "+pipeline.a=standardize", "+pipeline.b={type: rescale, scale: 2, before: a}", "split=kfold", "fold=1"]
    )  # fmt: skip
    experiment = build(config)
    assert experiment.model.pipeline is not None
    assert list(experiment.model.pipeline.steps) == ["b", "a"]
    assert experiment.fit["validation_data"] == "validation"
    assert config["split"]["fold"] == 1
    assert experiment.model.target_pipeline is None


XOR = """\
# @package _global_
defaults:
  - override /dataset: xor
model:
  layers:
    output: {type: dense, units: 1, activation: sigmoid}
loss: binary_crossentropy
"""
