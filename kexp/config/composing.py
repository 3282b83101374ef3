"""From overrides to a composed config: what Hydra makes of them, where each value came from, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from hydra.core.hydra_config import HydraConfig
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from kexp.config.diagnosis import HYDRA_ERRORS, Diagnosis, composition_problem, file_problem, parse
from kexp.config.keys import Key, leaves, parsed, shown
from kexp.config.loading import Loader, make_loader, without_hydra
from kexp.config.options import PRIMARY
from kexp.config.sections import GROUPS
from kexp.config.sources import Given, Source, Sources, short_path
from kexp.config.yaml_lines import lines_of
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
    base: dict[str, Any] = field(default_factory=dict)
    """The config before the overrides of single values."""


def composed(overrides: Sequence[str], *, loader: Loader | None = None, multirun: bool = False) -> Composed:
    """Compose the primary config with `overrides`, as Hydra does it; never raises for what a person wrote.

    Unless `loader` is given, an option of a registry's group that nobody registered composes too: checking the
    config finds it, together with all else that is wrong.
    """
    loader = loader or make_loader(any_name=True)
    mode = RunMode.MULTIRUN if multirun else RunMode.RUN
    problems: list[Problem] = []
    try:
        whole = loader.load_configuration(PRIMARY, list(overrides), mode)
    except yaml.YAMLError as error:
        return Composed(None, Sources(), [file_problem(error)])
    except HYDRA_ERRORS as error:
        diagnosis = Diagnosis(loader, overrides, multirun)
        problems = diagnosis.problems or [composition_problem(error, loader, overrides)]
        if diagnosis.config is None:
            return Composed(None, Sources(), problems)
        overrides, whole = diagnosis.good, diagnosis.config
    sources = _sources(loader, whole, overrides)
    base = loader.base
    config, unresolved = _resolved(whole, sources)
    return Composed(config, sources, problems + unresolved, whole, base)


def _sources(loader: Loader, whole: DictConfig, overrides: Sequence[str]) -> Sources:
    choices = OmegaConf.to_container(whole.hydra.runtime.choices) if "hydra" in whole else {}
    assert isinstance(choices, dict)
    sources = Sources(chosen={str(group): str(option) for group, option in choices.items() if option is not None})
    for position, default in enumerate(loader.merged):
        if default.config_path is not None and not default.config_path.startswith("hydra/"):
            sources.configs.append(_source(loader, position))
    for group in (*GROUPS, "model"):
        sources.options[group] = loader.used.get_group_options(group, ObjectType.CONFIG)
    for override in parse_good(loader, overrides):
        if override.is_hydra_override() or override.is_sweep_override():
            continue
        if is_choice(loader, override):
            group = override.key_or_group
            sources.choosers[group] = override.input_line or group
        else:
            action = "remove" if override.is_delete() else "add" if override.is_add() or override.is_force_add() else "set"
            value = None if override.is_delete() else override.value()
            sources.given.append(Given(override.input_line or "", parsed(override.key_or_group), action, value))
    return sources


def parse_good(loader: Loader, overrides: Sequence[str]) -> list[Override]:
    """The overrides, parsed; those that cannot be are left out."""
    found = [parse(text, loader) for text in overrides]
    return [override for override in found if isinstance(override, Override)]


def is_choice(loader: Loader, override: Override) -> bool:
    """Whether an override chooses an option of a group, rather than setting a value."""
    if override.is_sweep_override() or not loader.used.group_exists(override.key_or_group):
        return False
    return override.is_delete() or isinstance(override.value(), str | list)


def _source(loader: Loader, position: int) -> Source:
    default = loader.merged[position]
    path, values = str(default.config_path), loader.content(position)
    found = loader.used.load_config(path)
    file = Path(found.path.partition("://")[2]) / f"{path}.yaml" if found is not None else None
    if file is None or loader.is_generated(position) or not file.is_file():
        return Source(path, values)
    prefix: Key = tuple(part for part in (default.package or "").split(".") if part)
    return Source(path, values, short_path(file), lines_of(file.read_text(encoding="utf-8"), prefix))


def _resolved(whole: DictConfig, sources: Sources) -> tuple[dict[str, Any], list[Problem]]:
    """The config with interpolations resolved; those that cannot be are problems, and null in the result."""
    before = HydraConfig.instance().cfg
    HydraConfig.instance().set_config(_with_output_dir(whole))
    problems = []
    try:
        plain = without_hydra(whole)
        for key, value in leaves(plain):
            if isinstance(value, str) and "${" in value:
                try:
                    _put(plain, key, _select(whole, key))
                except OmegaConfBaseException as error:
                    problems.append(Problem(shown(key), _interpolation_text(value, error), sources.place(key)))
                    _put(plain, key, None)
    finally:
        HydraConfig.instance().cfg = before
    return plain, problems


def _with_output_dir(whole: DictConfig) -> DictConfig:
    """A copy in which Hydra's output folder is known, so that `${hydra:runtime.output_dir}` can be resolved."""
    copy: DictConfig = whole.copy()
    if OmegaConf.is_missing(copy.hydra.runtime, "output_dir"):
        OmegaConf.set_readonly(copy.hydra, False)
        copy.hydra.runtime.output_dir = str(Path.cwd() / "runs")
        for name in ("id", "num"):
            if OmegaConf.is_missing(copy.hydra.job, name):
                copy.hydra.job[name] = 0
    return copy


def _select(config: Any, key: Key) -> Any:
    for part in key:
        config = config[part] if part in config or isinstance(part, int) else config[_int(part)]
    return OmegaConf.to_container(config, resolve=True) if OmegaConf.is_config(config) else config


def _int(part: str | int) -> int:
    return int(part)


def _put(config: Any, key: Key, value: Any) -> None:
    for part in key[:-1]:
        config = config[part] if isinstance(config, list) or part in config else config[_int(part)]
    last = key[-1]
    config[last if isinstance(config, list) or last in config else _int(last)] = value


def _interpolation_text(value: str, error: Exception) -> str:
    reason = str(error).partition("\n")[0]
    return f"{value!r} cannot be resolved: {reason}"
