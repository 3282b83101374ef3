"""From overrides to a composed config: what Hydra makes of them, where each value came from, and what went wrong."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.hydra_config import HydraConfig
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from kexp.config import diagnosis
from kexp.config.files import file_problems
from kexp.config.keys import Key, leaves, parsed, shown
from kexp.config.loading import Loader, make_loader, without_hydra
from kexp.config.options import PRIMARY
from kexp.config.sections import GROUPS
from kexp.config.sources import COMMAND_LINE, Given, Sources
from kexp.errors import Problem


@dataclass
class Composed:
    """A composed config, plain and with interpolations resolved, and how it came about.

    With problems of composition, `config` is what could be composed without the bad overrides, or None.
    """

    config: dict[str, Any] | None
    sources: Sources
    problems: list[Problem] = field(default_factory=list)
    hydra: DictConfig | None = None


def composed(overrides: Sequence[str], *, loader: Loader | None = None, multirun: bool = False) -> Composed:
    """Compose the primary config with `overrides`, as Hydra does it; never raises for what a person wrote.

    Unless `loader` is given, an option of a registry's group that nobody registered composes too: checking the
    config finds it, together with all else that is wrong.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = _Composition(loader or make_loader(any_name=True), multirun).compose(overrides)
    made.problems += diagnosis.warned(caught)
    return made


class _Composition:
    """One composition: group choices first, all at once; then values, one by one, so that each can be blamed."""

    def __init__(self, loader: Loader, multirun: bool) -> None:
        self.loader = loader
        self.multirun = multirun
        self.problems: list[Problem] = []
        self.choices: list[Override] = []
        self.values: list[Override] = []

    def compose(self, overrides: Sequence[str]) -> Composed:
        """The result."""
        for text in overrides:
            self._sort(text)
        whole = self._chosen()
        if whole is None:
            return Composed(None, Sources(), self.problems)
        before = without_hydra(whole), OmegaConf.to_container(whole.hydra)
        good = [override for override in self.values if self._apply(override, whole, before)]
        self.loader.forget_defaults(whole, good)
        _record(whole, [*self.choices, *good])
        sources = _sources(self.loader, whole, self.choices, good)
        config, unresolved = _resolved(whole, sources)
        return Composed(config, sources, self.problems + unresolved, whole)

    def _sort(self, text: str) -> None:
        """Put an override where it belongs; one that cannot be used is a problem."""
        override = diagnosis.parse(text, self.loader)
        if isinstance(override, Problem):
            self.problems.append(override)
        elif override.is_sweep_override() and not self.multirun:
            self._report(override, diagnosis.sweep_text(override))
        elif override.is_sweep_override() or not self._is_choice(override):
            (self.choices if override.key_or_group == "hydra.searchpath" else self.values).append(override)
        elif reason := diagnosis.choice_text(override, self.loader):
            self._report(override, reason)
        else:
            self.choices.append(override)

    def _is_choice(self, override: Override) -> bool:
        """Whether it chooses an option of a group, rather than setting a value."""
        is_map = not override.is_delete() and isinstance(override.value(), dict)
        return not is_map and self.loader.repository.group_exists(override.key_or_group)

    def _chosen(self) -> DictConfig | None:
        """The config with all options chosen; choices that cannot be made are dropped one after the other."""
        mode = RunMode.MULTIRUN if self.multirun else RunMode.RUN
        while True:
            try:
                return self.loader.load_choices(PRIMARY, [str(o.input_line) for o in self.choices], mode)
            except diagnosis.HYDRA_ERRORS as error:
                blamed = diagnosis.blamed_choice(error, self.choices)
                if blamed is None:
                    self.problems += file_problems(self.loader, self.choices) or [diagnosis.composition_problem(error)]
                    return None
                self._report(*blamed)
                self.choices.remove(blamed[0])

    def _apply(self, override: Override, whole: DictConfig, before: tuple[dict[str, Any], Any]) -> bool:
        """Set one value; whether that worked."""
        if override.is_sweep_override():
            return True
        try:
            ConfigLoaderImpl._apply_overrides_to_config([override], whole)
        except diagnosis.HYDRA_ERRORS as error:
            self._report(override, diagnosis.value_text(override, *before, str(error), self.loader))
            return False
        return True

    def _report(self, override: Override, message: str) -> None:
        self.problems.append(Problem(override.key_or_group, message, f"{COMMAND_LINE}: {override.input_line}"))


def _record(whole: DictConfig, overrides: Sequence[Override]) -> None:
    """Write the overrides into Hydra's own part, where interpolations may look for them."""
    own = whole.hydra.overrides
    own.hydra = [override.input_line for override in overrides if override.is_hydra_override()]
    own.task = [override.input_line for override in overrides if not override.is_hydra_override()]


def _sources(loader: Loader, whole: DictConfig, choices: Sequence[Override], values: Sequence[Override]) -> Sources:
    chosen = {str(group): str(option) for group, option in whole.hydra.runtime.choices.items() if option is not None}
    sources = Sources(chosen=chosen)
    for position, default in enumerate(loader.merged):
        if default.config_path is not None and not default.config_path.startswith("hydra/"):
            sources.configs.append(loader.source(position))
    sources.groups = [group for group in loader.used.get_group_options("", ObjectType.GROUP) if group != "hydra"]
    for group in (*GROUPS, "model"):
        sources.options[group] = loader.used.get_group_options(group, ObjectType.CONFIG)
    sources.choosers = {o.key_or_group: str(o.input_line) for o in choices if not o.is_hydra_override()}
    sources.given = [as_given(o) for o in values if not o.is_hydra_override() and not o.is_sweep_override()]
    return sources


def as_given(override: Override) -> Given:
    """An override of a value."""
    action = "remove" if override.is_delete() else "add" if override.is_add() or override.is_force_add() else "set"
    value = None if override.is_delete() else override.value()
    return Given(str(override.input_line), parsed(override.key_or_group), action, value)


def _resolved(whole: DictConfig, sources: Sources) -> tuple[dict[str, Any], list[Problem]]:
    """The config with interpolations resolved; those that cannot be are problems, and null in the result."""
    plain, problems = without_hydra(whole), []
    open_ends = [(key, value) for key, value in leaves(plain) if isinstance(value, str) and "${" in value]
    if not open_ends:
        return plain, []
    before = HydraConfig.instance().cfg
    HydraConfig.instance().set_config(_with_output_dir(whole))
    try:
        for key, value in open_ends:
            try:
                _put(plain, key, _select(whole, key))
            except OmegaConfBaseException as error:
                reason = str(error).partition("\n")[0]
                problems.append(Problem(shown(key), f"{value!r} cannot be resolved: {reason}", sources.place(key)))
                _put(plain, key, None)
    finally:
        HydraConfig.instance().cfg = before
    return plain, problems


def _with_output_dir(whole: DictConfig) -> DictConfig:
    """A copy in which Hydra's output folder is known, so that `${hydra:runtime.output_dir}` can be resolved."""
    copy: DictConfig = whole.copy()
    OmegaConf.set_readonly(copy.hydra, False)
    copy.hydra.runtime.output_dir = str(Path.cwd() / "runs")
    copy.hydra.job.id, copy.hydra.job.num = "0", 0
    return copy


def _select(config: Any, key: Key) -> Any:
    for part in key:
        config = config[_name(config, part)]
    return OmegaConf.to_container(config, resolve=True) if OmegaConf.is_config(config) else config


def _put(config: Any, key: Key, value: Any) -> None:
    for part in key[:-1]:
        config = config[_name(config, part)]
    config[_name(config, key[-1])] = value


def _name(config: Any, part: str | int) -> Any:
    """The map's own form of a key: keys may be numbers there, and are texts in `Key`."""
    return part if isinstance(part, int) or part in config else next(k for k in config if str(k) == part)
