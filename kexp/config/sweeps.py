"""The jobs of a sweep, composed and checked before the first one starts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.types import IntervalSweep, Override
from omegaconf import OmegaConf

from kexp.config.composing import composed
from kexp.config.diagnosis import parse
from kexp.config.preparing import Prepared
from kexp.config.requests import Request, load_named_plugins, prepared
from kexp.config.sources import COMMAND_LINE
from kexp.errors import Problem

MOST_JOBS = 64
"""So many jobs are checked one by one; of more, each value once."""

FIXED_GROUPS = ("hydra/launcher", "hydra/sweeper")


def sweep(overrides: Sequence[str], config_dir: Path | None = None) -> Request:
    """Compose and check all jobs of a sweep; the request holds the problems of all of them."""
    master, loader = load_named_plugins(overrides, config_dir, multirun=True)
    if master.problems or master.hydra is None:
        return Request(list(overrides), Prepared({}, master.problems, master.sources), master.hydra, master.problems)
    parameters = OmegaConf.select(master.hydra, "hydra.sweeper.params") or {}
    settings = [*(f"{key}={value}" for key, value in parameters.items()), *overrides]
    parsed = [override for text in settings if isinstance(override := parse(text, loader), Override)]
    first: Prepared | None = None
    problems: dict[Problem, None] = {}
    choices = dict(master.hydra.hydra.runtime.choices)
    sweeper = str(master.hydra.hydra.runtime.choices.get("hydra/sweeper"))
    if sweeper == "basic" and (intervals := [override for override in parsed if override.is_interval_sweep()]):
        bad = [_no_interval(override) for override in intervals]
        return Request(list(overrides), Prepared({}, bad, master.sources), master.hydra, bad)
    combinations, count = jobs(parsed)
    for job in combinations:
        made = composed(job, loader=loader)
        checked = prepared(made)
        problems |= dict.fromkeys(checked.problems)
        if made.hydra is not None:
            problems |= dict.fromkeys(_late_choices(choices, dict(made.hydra.hydra.runtime.choices)))
        first = first or checked
    assert first is not None
    whole = Prepared(first.config, list(problems), first.sources, first.parts)
    return Request(list(overrides), whole, master.hydra, jobs=count)


def jobs(overrides: Sequence[Override]) -> tuple[list[list[str]], int]:
    """The overrides of each job to check (all combinations, or of too many each value once), and the number of all."""
    axes: dict[str, list[str]] = {}
    for override in overrides:
        key = override.get_key_element()
        if override.is_sweep_override():
            axes[key] = [f"{key}={value}" for value in _values(override)]
        else:
            axes[key] = [str(override.input_line)]
    total = 1
    for texts in axes.values():
        total *= len(texts)
    if total <= MOST_JOBS:
        return [list(job) for job in itertools.product(*axes.values())], total
    base = {key: texts[0] for key, texts in axes.items()}
    found = [list(base.values())]
    for key, texts in axes.items():
        found += [list((base | {key: text}).values()) for text in texts[1:MOST_JOBS]]
    return found, total


def _values(override: Override) -> Iterable[str]:
    """The values of a sweep as texts; of an interval, its ends."""
    if override.is_discrete_sweep():
        return list(itertools.islice(override.sweep_string_iterator(), 100 * MOST_JOBS))
    interval = override.value()
    assert isinstance(interval, IntervalSweep)
    return [str(interval.start), str(interval.end)]


def _no_interval(override: Override) -> Problem:
    message = (
        "an interval has no single values; list some, or choose a sweeper that searches, such as hydra/sweeper=optuna"
    )
    return Problem(override.key_or_group, message, f"{COMMAND_LINE}: {override.input_line}")


def _late_choices(asked: dict[str, Any], job: dict[str, Any]) -> Iterable[Problem]:
    """Launcher and sweeper are chosen once, before any job; what a job's own config chooses comes too late."""
    for group in FIXED_GROUPS:
        if asked.get(group) != job.get(group):
            yield Problem(
                group,
                f"a job's config chooses {job.get(group)!r}, but by then the sweep runs with {asked.get(group)!r}; "
                f"write {group}={job.get(group)} on the command line",
                COMMAND_LINE,
            )
