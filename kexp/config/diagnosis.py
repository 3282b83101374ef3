"""When Hydra cannot compose: which overrides are to blame, each in our own words, and what composes without them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from kexp.config.keys import Key, lookup, parsed, shown, suggestion
from kexp.config.loading import Loader
from kexp.config.options import PRIMARY
from kexp.config.sources import COMMAND_LINE, all_keys, short_path
from kexp.errors import Problem

HYDRA_ERRORS = (HydraException, OmegaConfBaseException, ValueError, TypeError, AssertionError)


def parse(text: str, loader: Loader | None = None) -> Override | Problem:
    """One override, or why it is none."""
    try:
        return OverridesParser.create(config_loader=loader).parse_overrides([text])[0]
    except (HydraException, ValueError, TypeError, AssertionError) as error:
        return Problem("", grammar_text(text, str(error)), f"{COMMAND_LINE}: {text}")


def grammar_text(text: str, reason: str) -> str:
    """What is wrong with an override that cannot be parsed."""
    if "=" not in text and not text.startswith("~"):
        return "a setting has the form key=value"
    for opening, closing in ("[]", "{}", "()"):
        if text.count(opening) != text.count(closing):
            return f"the brackets {opening} {closing} do not pair up"
    if text.count("'") % 2 or text.count('"') % 2:
        return "a quote is not closed"
    lines = [line for line in reason.splitlines() if line.strip() and "hydra.cc" not in line]
    detail = lines[-1].strip() if lines else reason
    return f"this value cannot be read ({detail}); put it in quotes: {text.partition('=')[0]}='\"...\"'"


class Diagnosis:
    """Tries the overrides one by one; `good` are those that work, `config` is what they compose to."""

    def __init__(self, loader: Loader, overrides: Sequence[str], multirun: bool) -> None:
        self.loader = loader
        self.multirun = multirun
        self.problems: list[Problem] = []
        self.good: list[str] = []
        self.config: DictConfig | None = None
        groups, values = self._sorted(overrides)
        chosen = self._known_choices()
        if chosen is None:
            return
        good_groups = [override for override in groups if self._group_is_good(override, chosen)]
        start = self._compose([str(override.input_line) for override in good_groups])
        if start is None:
            return
        self.good = [str(override.input_line) for override in good_groups]
        for override in values:
            self._try(override, start)
        self.config = self._compose(self.good)

    def _sorted(self, overrides: Sequence[str]) -> tuple[list[Override], list[Override]]:
        groups, values = [], []
        for text in overrides:
            override = parse(text, self.loader)
            if isinstance(override, Problem):
                self.problems.append(override)
            elif override.is_sweep_override() and not self.multirun:
                self._report(override, _sweep_text(override))
            elif self.loader.repository.group_exists(override.key_or_group) and not isinstance(override.value(), dict):
                groups.append(override)
            else:
                values.append(override)
        return groups, values

    def _known_choices(self) -> dict[str, Any] | None:
        """The groups that the primary config chooses from; None if that cannot be composed either."""
        config = self._compose([])
        return None if config is None else dict(config.hydra.runtime.choices)

    def _compose(self, overrides: Sequence[str]) -> DictConfig | None:
        mode = RunMode.MULTIRUN if self.multirun else RunMode.RUN
        try:
            return self.loader.load_configuration(PRIMARY, list(overrides), mode)
        except yaml.YAMLError as error:
            self.problems.append(file_problem(error))
        except HYDRA_ERRORS as error:
            self.problems.append(composition_problem(error, self.loader, overrides))
        return None

    def _group_is_good(self, override: Override, chosen: dict[str, Any]) -> bool:
        group, before = override.key_or_group, len(self.problems)
        key = group if override.package is None else f"{group}@{override.package}"
        value = override.value()
        setting = f"{key}={_text(value)}"
        if override.is_sweep_override():
            return True
        if override.is_delete():
            if key not in chosen:
                self._report(override, f"nothing to remove: no option of {group!r} is chosen")
            return len(self.problems) == before
        options = self.loader.repository.get_group_options(group, ObjectType.CONFIG)
        names = value if isinstance(value, list) else [value]
        for name in names:
            if not isinstance(name, str):
                self._report(override, _not_a_name(group, name, options))
            elif not self.loader.repository.config_exists(f"{group}/{name}"):
                self._report(override, unknown_option(group, name, options))
        if len(self.problems) > before:
            return False
        if override.is_force_add():
            self._report(override, f"write {'' if key in chosen else '+'}{setting}")
        elif override.is_add() and key in chosen:
            self._report(override, f"{group!r} is chosen from already; write {setting}")
        elif not override.is_add() and key not in chosen:
            self._report(override, f"no option of {group!r} is chosen yet; write +{setting}")
        return len(self.problems) == before

    def _try(self, override: Override, config: DictConfig) -> None:
        """Apply one value override to `config`, or report it."""
        if override.is_sweep_override():
            self.good.append(str(override.input_line))
            return
        try:
            ConfigLoaderImpl._apply_overrides_to_config([override], config)
        except HYDRA_ERRORS as error:
            self._report(override, value_text(override, config, str(error), self.loader))
        else:
            self.good.append(str(override.input_line))

    def _report(self, override: Override, message: str) -> None:
        self.problems.append(Problem(override.key_or_group, message, f"{COMMAND_LINE}: {override.input_line}"))


def value_text(override: Override, config: DictConfig, reason: str, loader: Loader) -> str:
    """Why a value override could not be applied."""
    text, key = str(override.input_line), parsed(override.key_or_group)
    plain = _plain(config)
    if override.package is not None:
        return f"{override.key_or_group!r} is no group of configs, so it takes no @"
    if override.is_add() and "already" in reason:
        return f"it is set already; write {text.lstrip('+')}"
    groups = loader.repository.get_group_options("", ObjectType.GROUP)
    near = nearest_key(key, plain, groups)
    hint = f"; did you mean {near!r}?" if near else "."
    if override.is_delete():
        if "not" in reason and lookup(plain, key) is not None:
            return f"its value is {lookup(plain, key)!r}; to remove it whatever it is, write ~{shown(key)}"
        return f"there is nothing to remove{hint}"
    if len(key) > 1 and isinstance(lookup(plain, key[:-1]), str | int | float | bool):
        return f"{shown(key[:-1])!r} is a plain value ({lookup(plain, key[:-1])!r}), not a map"
    if isinstance(lookup(plain, key[:-1]), list):
        return f"{shown(key[:-1])!r} is a list of {len(lookup(plain, key[:-1]))}; write it whole: {shown(key[:-1])}=[...]"
    if lookup(plain, key[:-1]) is None and len(key) > 1:
        return f"there is no {shown(key[:-1])!r} in this config{hint}"
    if near is None or near.rpartition(".")[0] != shown(key[:-1]):
        hint += f" To add a key that the config does not have yet, write +{text}" if len(key) > 1 else ""
    return f"no such key{hint}" + _known(plain, key[:-1])


def nearest_key(key: Key, plain: dict[str, Any], groups: Sequence[str]) -> str | None:
    """The key of the config that was most likely meant: beside the one that was given, else anywhere."""
    for end in range(len(key)):
        if end + 1 < len(key) and lookup(plain, key[: end + 1]) is not None:
            continue
        here = lookup(plain, key[:end])
        names = [str(name) for name in here] if isinstance(here, dict) else []
        if end == 0:
            names += [group for group in groups if group not in names and group != "hydra"]
        near = suggestion(str(key[end]), names)
        if near is not None:
            return shown((*key[:end], near, *key[end + 1 :]))
        break
    ends: dict[str, str] = {}
    for full in all_keys(plain):
        ends.setdefault(full.rpartition(".")[2], full)
    near = suggestion(str(key[-1]), ends)
    return ends[near] if near else None


def composition_problem(error: Exception, loader: Loader, overrides: Sequence[str]) -> Problem:
    """A failure of composition that no single override is to blame for: a file's defaults list, mostly."""
    message = str(error.__cause__ or error) if isinstance(error, HydraException) and not str(error) else str(error)
    where = re.match(r"In '([^']+)': ?", message)
    file = _file_of(where.group(1), loader) if where else None
    text = message[where.end() :] if where else message
    missing = re.match(r"Could not (?:find|load) '([^']+)'", text)
    if missing:
        group, _, name = missing.group(1).rpartition("/")
        place = _line_with(file, name)
        return Problem(group, unknown_option(group, name, loader.repository.get_group_options(group, ObjectType.CONFIG)), place)
    unmatched = re.match(r"Could not override '([^']+)'", text)
    if unmatched:
        group = unmatched.group(1)
        near = suggestion(group, loader.repository.get_group_options("", ObjectType.GROUP))
        hint = f"; did you mean {near!r}?" if near and near != group else ""
        return Problem(group, f"`override` finds no choice of {group!r} to override{hint}", _line_with(file, group))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    cut = next((i for i, line in enumerate(lines) if "search path" in line.lower() or line.startswith("See http")), len(lines))
    return Problem("", "\n".join(lines[:cut]) or type(error).__name__, (file and short_path(file)) or "")


def file_problem(error: yaml.YAMLError) -> Problem:
    """A file that is no YAML."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = f"{short_path(Path(mark.name))}:{mark.line + 1}" if mark is not None else ""
    parts = [getattr(error, name, None) for name in ("problem", "context")]
    detail = ", ".join(part for part in parts if part) or str(error)
    hint = "; indent with spaces" if "\\t" in detail else ""
    return Problem("", f"not valid YAML: {detail}{hint}", place)


def unknown_option(group: str, name: str, options: Sequence[str]) -> str:
    """No option of a group has that name."""
    near = suggestion(name, options)
    hint = f"\nDid you mean {near!r}?" if near else ""
    return f"no {group or 'config'} is called {name!r}.{hint}\nKnown: {', '.join(sorted(options)) or 'none'}."


def _not_a_name(group: str, value: Any, options: Sequence[str]) -> str:
    extra = "; to drop one, write ~callbacks.NAME" if group == "callbacks" else ""
    extra = "; for none, write tracking=none" if group == "tracking" else extra
    return f"{group!r} is chosen by name, got {_text(value)}{extra}\nKnown: {', '.join(sorted(options)) or 'none'}."


def _sweep_text(override: Override) -> str:
    value = str(override.input_line).partition("=")[2]
    text = "several values are a sweep, which needs -m (--multirun)"
    return f"{text}; for a list write {override.get_key_element()}=[{value}]" if "(" not in value else text


def _known(plain: dict[str, Any], key: Key) -> str:
    here = lookup(plain, key)
    return f"\nKnown: {', '.join(map(str, here))}" if isinstance(here, dict) and here else ""


def _plain(config: DictConfig) -> dict[str, Any]:
    found: Any = OmegaConf.to_container(OmegaConf.masked_copy(config, [k for k in config if k != "hydra"]), resolve=False)
    return dict(found)


def _text(value: Any) -> str:
    return {None: "null", True: "true", False: "false"}.get(value, str(value)) if not isinstance(value, list) else str(value)


def _file_of(config_path: str, loader: Loader) -> Path | None:
    for source in loader.repository.get_sources():
        if source.is_config(config_path):
            file = Path(source.path) / f"{config_path}.yaml"
            return file if file.is_file() else None
    return None


def _line_with(file: Path | None, word: str) -> str:
    """Where in a file's defaults list a word stands."""
    if file is None:
        return ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if re.search(rf"\b{re.escape(word)}\b", line.partition("#")[0]):
            return f"{short_path(file)}:{number}"
    return short_path(file)
