"""What went wrong while composing, in our own words: the key, the value, and what to write instead."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from typing import Any

import yaml
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from kexp import plugins
from kexp.config.components import plain
from kexp.config.files import syntax_problem
from kexp.config.keys import Key, leaf_suggestion, lookup, parsed, quoted, shown, suggestion, unknown_option
from kexp.config.loading import Loader
from kexp.config.sections import GROUPS, KINDS_OF_ENTRIES
from kexp.config.signature import arguments_of
from kexp.config.sources import COMMAND_LINE, all_keys
from kexp.errors import Problem

HYDRA_ERRORS = (
    HydraException, OmegaConfBaseException, yaml.YAMLError,
    AssertionError, AttributeError, KeyError, RecursionError, TypeError, ValueError, OSError,
)  # fmt: skip
"""What Hydra raises for what a person wrote; not all of it is its own."""


def parse(text: str, loader: Loader | None = None) -> Override | Problem:
    """One override, or why it is none."""
    try:
        override = OverridesParser.create(config_loader=loader).parse_overrides([text])[0]
    except HYDRA_ERRORS as error:
        return Problem("", grammar_text(text, str(error)), f"{COMMAND_LINE}: {text}")
    if not override.key_or_group:
        return Problem("", grammar_text(text, ""), f"{COMMAND_LINE}: {text}")
    return override


def grammar_text(text: str, reason: str) -> str:
    """What is wrong with an override that cannot be parsed."""
    key, equals, value = text.partition("=")
    if not equals and not text.startswith("~"):
        return "a setting has the form key=value"
    for opening, closing in ("[]", "{}", "()"):
        if value.count(opening) != value.count(closing):
            return f"the brackets {opening} {closing} do not pair up"
    if value.count("'") % 2 or value.count('"') % 2:
        return "a quote is not closed"
    if not re.fullmatch(r"[+~]{0,2}[A-Za-z_$][\w$./@:\[\]{}-]*", key) or "EQUAL" in reason:
        return f"{key!r} is no key; a key is made of names and dots, such as fit.epochs"
    lines = [line.strip() for line in reason.splitlines() if line.strip() and "hydra.cc" not in line]
    detail = lines[-1] if lines else reason
    return f"the value cannot be read ({detail}). To have it as a text, quote it twice: '{key}=\"{value}\"'"


def sweep_text(override: Override) -> str:
    """Several values without -m."""
    value = str(override.input_line).partition("=")[2]
    text = "several values are a sweep, which needs -m (--multirun)"
    return f"{text}; for a list write {override.get_key_element()}=[{value}]" if "(" not in value else text


def choice_text(override: Override, loader: Loader) -> str:
    """What is wrong with the choice of an option, as far as that can be seen before composing; '' if nothing."""
    group = override.key_or_group
    if override.is_delete():
        return ""
    value = override.value()
    options = loader.repository.get_group_options(group, ObjectType.CONFIG)
    for name in value if isinstance(value, list) else [value]:
        if not isinstance(name, str):
            return _not_a_name(group, name, options)
        if not loader.repository.config_exists(f"{group}/{name}"):
            return unknown_option(group, name, options)
    if override.is_force_add():
        sign = "+" if group not in GROUPS and group != "model" else ""
        return f"an option of a group is chosen without ++; write {sign}{str(override.input_line).lstrip('+')}"
    return ""


def blamed_choice(error: Exception, choices: Sequence[Override]) -> tuple[Override, str] | None:
    """The choice of the command line that cannot be made, and why; None if a file is to blame."""
    message = str(error)
    named = (
        r"(?:Could not override|Multiple values for|Could not delete) '?([\w/@.-]+)|([\w/@.-]+) appears more than once"
    )
    found = re.match(named, message)
    if not found:
        return None
    group = (found.group(1) or found.group(2)).rstrip(".").partition("=")[0]
    same = [override for override in choices if override.key_or_group == group and override.is_add()]
    if len(same) > 1:
        names = ",".join(str(override.value()) for override in same)
        return same[-1], f"an option of {group!r} is chosen twice; for both write '+{group}=[{names}]'"
    for override in choices:
        key = override.key_or_group if override.package is None else f"{override.key_or_group}@{override.package}"
        if key != group:
            continue
        text = str(override.input_line)
        if override.is_delete():
            return override, f"there is nothing to remove: no option of {group!r} is chosen"
        if override.is_add():
            return override, f"an option of {group!r} is chosen already; write {quoted(text.lstrip('+'))}"
        return override, f"no option of {group!r} is chosen yet; write {quoted(f'+{text}')}"
    return None


def value_text(override: Override, whole: dict[str, Any], hydra: Any, reason: str, loader: Loader) -> str:
    """Why a value could not be set; `whole` and `hydra` are the config and Hydra's part as they were before."""
    text, key = str(override.input_line), parsed(override.key_or_group)
    if override.package is not None:
        return f"{override.key_or_group!r} is no group of configs, so it takes no @"
    if key[:1] == ("hydra",):
        whole = {"hydra": hydra}
    if override.is_add() and "already" in reason:
        return f"it is set already; write {quoted(text.lstrip('+'))}"
    parent, value = lookup(whole, key[:-1]), text.partition("=")[2]
    if len(key) > 1 and isinstance(parent, str | int | float | bool):
        if key[0] in ("loss", "metrics", *GROUPS):
            return f"{shown(key[:-1])!r} is a plain name; write {_with_argument(key, parent, value)}"
        return f"{shown(key[:-1])!r} is a plain value ({plain(parent)}), not a map"
    if isinstance(parent, list):
        return f"{shown(key[:-1])!r} is a list of {len(parent)}; write it whole: {shown(key[:-1])}=[...]"
    if len(key) == 1 and key[0] in GROUPS and not override.is_delete():
        return f"no option of {key[0]!r} is chosen that could be changed; write {quoted(f'+{text}')}"
    near = nearest_key(key, whole, loader)
    hint = f"; did you mean {near!r}?" if near else "."
    if override.is_delete():
        if lookup(whole, key) is not None:
            return f"its value is {plain(lookup(whole, key))}; to remove it whatever it is, write ~{shown(key)}"
        return f"there is nothing to remove{hint}"
    if len(key) > 1 and not isinstance(parent, dict):
        entry = next(key[:end] for end in range(1, len(key)) if lookup(whole, key[:end]) is None)
        return f"there is no {shown(entry)!r} in this config{hint}" + _addition(key, entry, value)
    if isinstance(lookup(whole, key), dict) and isinstance(override.value(), dict):
        return f"the entries of a map are set one by one; to add one, write +{shown(key)}.NAME=..."
    if lookup(whole, key) is not None:
        return f"it is {_what(lookup(whole, key))} here, and cannot become {_what(override.value())}"
    known = _arguments_at(key[:-1], whole)
    if str(key[-1]) in known:
        return f"it is not in the config yet; write {quoted(f'+{text}')}"
    return f"no such key{hint}\nKnown: {', '.join(dict.fromkeys([*map(str, parent or {}), *known]))}"


def nearest_key(key: Key, whole: dict[str, Any], loader: Loader) -> str | None:
    """The key that was most likely meant: beside the one that was given, else anywhere."""
    end = next((end for end in range(len(key)) if lookup(whole, key[: end + 1]) is None), len(key) - 1)
    here = lookup(whole, key[:end])
    names = [*map(str, here)] if isinstance(here, dict) else []
    names += _arguments_at(key[:end], whole)
    if end == 0:
        names += [group for group in loader.repository.get_group_options("", ObjectType.GROUP) if group != "hydra"]
    near = suggestion(str(key[end]), names)
    if near is not None:
        return shown((*key[:end], near, *key[end + 1 :]))
    return leaf_suggestion(str(key[-1]), all_keys(whole)) if end == 0 else None


def composition_problem(error: Exception) -> Problem:
    """A failure of composition that no override and no mistake we know in a file explains, in Hydra's words."""
    if isinstance(error, yaml.YAMLError):
        return syntax_problem(error)
    message = str(error) or str(error.__cause__)
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    end = next(
        (i for i, line in enumerate(lines) if "search path" in line.lower() or line.startswith("See http")), len(lines)
    )
    return Problem("", "\n".join(lines[:end]) or type(error).__name__)


def warned(caught: Sequence[warnings.WarningMessage]) -> list[Problem]:
    """Hydra's warnings that are mistakes: a folder of `hydra.searchpath` that is not there."""
    found = [
        re.search(r"path=(?:file://)?(.*) is not\s+available", str(warning.message), re.DOTALL) for warning in caught
    ]
    return [Problem("hydra.searchpath", f"no such folder: {match.group(1)}", COMMAND_LINE) for match in found if match]


def _not_a_name(group: str, value: Any, options: Sequence[str]) -> str:
    hints = {"callbacks": "; to drop one, write ~callbacks.NAME", "tracking": "; for none, write tracking=none"}
    known = f"\nKnown: {', '.join(sorted(options)) or 'none'}."
    return f"an option of {group!r} is chosen by its name, got {plain(value)}{hints.get(group, '')}{known}"


def _what(value: Any) -> str:
    return "a map" if isinstance(value, dict) else "a list" if isinstance(value, list) else plain(value)


def _with_argument(key: Key, name: Any, value: str) -> str:
    """The setting that gives a component that stands as a plain name an argument."""
    spec = f"{{type: {name}, {key[-1]}: {value}}}"
    return f"{key[0]}='{spec}'" if len(key) == 2 else f"{key[0]}='[{spec}]'"


def _addition(key: Key, entry: Key, value: str) -> str:
    """How to add an entry and one of its arguments, if the entry is that of a component."""
    kind, name = KINDS_OF_ENTRIES.get(entry[:-1]), str(entry[-1])
    if kind is None or len(key) != len(entry) + 1:
        return ""
    if key[-1] == "type":
        return f" To add it, write +{shown(key)}={value}"
    if name not in plugins.current()[kind]:
        return ""
    return f" To add it, write +{shown(entry)}='{{{key[-1]}: {value}}}'"


def _arguments_at(key: Key, whole: dict[str, Any]) -> list[str]:
    """The arguments of the component whose spec stands at `key`, if one does."""
    kinds: dict[Key, str] = {**KINDS_OF_ENTRIES, ("metrics",): "metric"}
    kind = GROUPS.get(str(key[0])) if len(key) == 1 and key[0] != "callbacks" else kinds.get(key[:-1])
    spec = lookup(whole, key)
    if kind is None or not isinstance(spec, dict):
        return []
    return list(arguments_of(kind, spec.get("type", key[-1])))
