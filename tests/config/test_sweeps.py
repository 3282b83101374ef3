"""Sweeps: all jobs are composed and checked before the first one starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kexp.config.diagnosis import parse
from kexp.config.sweeps import MOST_JOBS, jobs, sweep

Conf = Callable[[str, str], Path]


def found(*overrides: str) -> list[str]:
    return [str(problem) for problem in sweep(["+experiment=xor", *overrides]).prepared.problems]


@pytest.mark.parametrize(
    "overrides", [["seed=1,2"], ["optimizer=sgd,adam", "seed=range(1,4)"], [], ["seed=choice(1,2)"]]
)
def test_a_sweep_without_mistakes_passes(overrides: list[str], conf: Conf) -> None:
    assert found(*overrides) == []


def test_each_bad_value_is_told_once_however_many_jobs_have_it(conf: Conf) -> None:
    assert found("optimizer.learning_rate=0.1,-1", "fit.epochs=1,two,3") == [
        "command line: fit.epochs=two: fit.epochs: expected int, got 'two'",
        "command line: optimizer.learning_rate=-1: optimizer.learning_rate: learning_rate must be a finite number of at "
        "least 0. Received: -1",
    ]


def test_a_bad_choice_among_good_ones_is_told(conf: Conf) -> None:
    assert found("optimizer=sgd,addam") == [
        "command line: optimizer=addam: optimizer.type: no optimizer is called 'addam'.\nDid you mean 'adam'?\n"
        "Known optimizers: adam, rmsprop, sgd."
    ]


def test_a_value_that_fits_one_choice_only_is_told(conf: Conf) -> None:
    (text,) = found("optimizer=sgd,adam", "optimizer.momentum=0.9")
    assert text.startswith("command line: optimizer.momentum=0.9: optimizer.momentum: no such key")


def test_many_jobs_are_counted_and_each_value_is_checked_once() -> None:
    parsed = [parse(text) for text in ("a=range(0,100)", "b=x,y", "c=1")]
    checked, count = jobs(parsed)  # type: ignore[arg-type]
    assert count == 200
    assert len(checked) == 1 + (MOST_JOBS - 1) + 1
    assert checked[0] == ["a=0", "b=x", "c=1"]
    assert ["a=0", "b=y", "c=1"] in checked


def test_the_jobs_of_a_small_sweep_are_all_combinations() -> None:
    checked, count = jobs([parse("a=1,2"), parse("b=x,y")])  # type: ignore[list-item]
    assert checked == [["a=1", "b=x"], ["a=1", "b=y"], ["a=2", "b=x"], ["a=2", "b=y"]]
    assert count == 4


def test_an_interval_needs_a_sweeper_that_searches(conf: Conf) -> None:
    assert found("optimizer.learning_rate=interval(0.1,1)") == [
        "command line: optimizer.learning_rate=interval(0.1,1): optimizer.learning_rate: an interval has no single "
        "values; list some, or choose a sweeper that searches, such as hydra/sweeper=optuna"
    ]


def test_a_launcher_that_a_swept_experiment_chooses_comes_too_late(conf: Conf) -> None:
    conf(
        "hydra/launcher/mine.yaml",
        "# @package hydra.launcher\n_target_: hydra._internal.core_plugins.basic_launcher.BasicLauncher\n",
    )
    conf("experiment/x.yaml", "# @package _global_\ndefaults: [xor, _self_, override /hydra/launcher: mine]\n")
    assert [str(problem) for problem in sweep(["+experiment=xor,x"]).prepared.problems] == [
        "command line: hydra/launcher: a job's config chooses 'mine', but by then the sweep runs with 'basic'; "
        "write hydra/launcher=mine on the command line"
    ]


def test_values_of_the_sweeper_s_own_config_are_checked(conf: Conf) -> None:
    conf(
        "experiment/x.yaml",
        "# @package _global_\ndefaults: [xor, _self_]\nhydra: {sweeper: {params: {fit.epochs: '1,two'}}}\n",
    )
    assert [str(problem) for problem in sweep(["+experiment=x"]).prepared.problems] == [
        "command line: fit.epochs=two: fit.epochs: expected int, got 'two'"
    ]
