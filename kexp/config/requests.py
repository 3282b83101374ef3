"""What a person asks for, by overrides: the plugins it needs, one job or many, each composed and checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakKeyDictionary

from omegaconf import DictConfig

from kexp import plugins
from kexp.config.composing import Composed, composed
from kexp.config.diagnosis import parse
from kexp.config.loading import Loader, make_loader
from kexp.config.preparing import Prepared, prepare
from kexp.errors import Problem


@dataclass
class Request:
    """Overrides, and what came of them."""

    overrides: list[str]
    prepared: Prepared
    hydra: DictConfig | None = None
    composition: list[Problem] = field(default_factory=list)
    """The problems that stand in the way of composing it at all."""
    jobs: int = 1


def request(overrides: Sequence[str], config_dir: Path | None = None) -> Request:
    """Compose and check one job; load the plugins that the command line or the config names first."""
    made, _ = load_named_plugins(overrides, config_dir)
    return Request(list(overrides), prepared(made), made.hydra, made.problems)


def load_named_plugins(
    overrides: Sequence[str], config_dir: Path | None = None, *, multirun: bool = False
) -> tuple[Composed, Loader]:
    """Load the plugins that the command line or the config names; the config composed with them, and its loader."""
    load_plugins(_plugins_in(overrides))
    loader = make_loader(config_dir, any_name=True)
    made = composed(overrides, loader=loader, multirun=multirun)
    if load_plugins(_plugins_of(made)):
        loader = make_loader(config_dir, any_name=True)
        made = composed(overrides, loader=loader, multirun=multirun)
    return made, loader


def prepared(made: Composed) -> Prepared:
    """A composed config in its normal form, checked; with the problems of composition before its own."""
    if made.config is None:
        return Prepared({}, made.problems, made.sources)
    found = prepare(made.config, made.sources)
    if made.problems:  # something is missing from the config, and what lacks because of that is no second mistake
        spoilt = [problem.key for problem in made.problems if problem.key]
        rest = [p for p in found.problems if p.place and not any(_related(p.key, key) for key in spoilt)]
        found.problems = [*made.problems, *rest]
    return found


def _related(one: str, other: str) -> bool:
    """Whether two keys are the same, or one lies within the other."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


_named: WeakKeyDictionary[plugins.PluginSet, frozenset[str]] = WeakKeyDictionary()
"""Which of the plugins that configs name are in a set."""


def load_plugins(names: Iterable[str]) -> bool:
    """Add the plugins that are not loaded yet to the current ones; whether there were any."""
    known = _named.get(plugins.current(), frozenset())
    fresh = [name for name in dict.fromkeys(names) if name not in known]
    if fresh:
        plugins.use(plugins.with_names(*fresh))
        _named[plugins.current()] = known | frozenset(fresh)
    return bool(fresh)


def _plugins_in(overrides: Sequence[str]) -> list[str]:
    found: list[str] = []
    for text in overrides:
        if text.lstrip("+").startswith("plugins=") and not isinstance(override := parse(text), Problem):
            found += _texts(override.value())
    return found


def _plugins_of(made: Composed) -> list[str]:
    return _texts(made.config.get("plugins")) if made.config else []


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
