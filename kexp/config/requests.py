"""What a person asks for, by overrides: the plugins it needs, one job or many, each composed and checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

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
    made, loader = load_named_plugins(overrides, config_dir)
    return Request(list(overrides), prepared(made), made.hydra, made.problems)


def load_named_plugins(
    overrides: Sequence[str], config_dir: Path | None = None, *, multirun: bool = False
) -> tuple[Composed, Loader]:
    """Load the plugins that the command line or the config names; the config composed with them, and its loader."""
    _load_plugins(_plugins_in(overrides))
    loader = make_loader(config_dir, any_name=True)
    made = composed(overrides, loader=loader, multirun=multirun)
    if _load_plugins(_plugins_of(made)):
        loader = make_loader(config_dir, any_name=True)
        made = composed(overrides, loader=loader, multirun=multirun)
    return made, loader


def prepared(made: Composed) -> Prepared:
    """A composed config in its normal form, checked; with the problems of composition before its own."""
    if made.config is None:
        return Prepared({}, made.problems, made.sources)
    found = prepare(made.config, made.sources)
    spoilt = {problem.key.partition(".")[0] for problem in made.problems}
    rest = [problem for problem in found.problems if problem.key.partition(".")[0] not in spoilt]
    found.problems = [*made.problems, *(rest if made.problems else found.problems)]
    return found


_loaded: list[str] = []


def _load_plugins(names: Iterable[str]) -> bool:
    """Load the plugins that are not loaded yet; whether there were any."""
    fresh = [name for name in names if name not in _loaded]
    if fresh:
        _loaded.extend(fresh)
        plugins.use(plugins.load(_loaded))
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
