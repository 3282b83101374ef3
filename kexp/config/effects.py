"""Settings of the command line that have no effect: something else in the config overrules them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kexp.config.components import Checker
from kexp.config.keys import Key, leaves, literal, lookup, shown, unknown_option
from kexp.config.sources import COMMAND_LINE, Given, Source, Sources
from kexp.errors import Problem


def check_effects(config: Mapping[str, Any], check: Checker) -> None:
    """Report each setting of the command line that the normal form `config` does not show."""
    for group, text in check.sources.choosers.items():
        if not text.startswith("~") and (option := check.sources.option(group)) is not None:
            _choice(group, text, option, config, check)
    given = check.sources.given
    for position, setting in enumerate(given):
        later = next((other for other in given[position + 1 :] if _undoes(other, setting)), None)
        if later is not None:
            _report(setting.text, f"{later.text} comes after it", check)
        elif setting.action != "remove":
            _value(setting, config, check)


def lost_its_name(key: Key, spec: Any, check: Checker) -> bool:
    """Report an override of one argument (`+loss.axis=1`) that put a map in the place of a plain name."""
    source = check.sources.writer(key)
    name = lookup(source.values, key) if source is not None else None
    given = next((g for g in check.sources.given if g.key[: len(key)] == key and g.action != "remove"), None)
    if given is None or not isinstance(name, str) or not isinstance(spec, dict) or "type" in spec:
        return False
    body = ", ".join(f"{argument}: {literal(value)}" for argument, value in spec.items())
    check.report(given.key, f"{shown(key)!r} is a plain name; write {shown(key)}='{{type: {name}, {body}}}'")
    return True


def _choice(group: str, text: str, option: Source, config: Mapping[str, Any], check: Checker) -> None:
    brought = lookup(option.values, (group,))
    if not isinstance(brought, dict) or group == "callbacks":
        return
    asked, now = brought.get("type"), lookup(config, (group, "type"))
    options = check.sources.options.get(group, [])
    if not option.file and asked not in options:
        if now != asked:
            check.problems.append(Problem(group, unknown_option(group, str(asked), options), f"{COMMAND_LINE}: {text}"))
        return
    if asked is not None and now != asked and not check.sources.set_on_command_line((group, "type")):
        key: Key = (group, "type")
        place = _file_place(check.sources, key) or _file_place(check.sources, (group,))
        advice = f"in that file write `override /{group}: {now}` in the defaults list, then the command line wins"
        _report(text, f"{place} sets {shown(key)}: {now}; {advice}", check)
    elif group == "model":
        _mixed_layers(text, option, check)


def _mixed_layers(text: str, option: Source, check: Checker) -> None:
    """A model from a file, and layers that another file adds to it: nobody meant their mixture."""
    own = lookup(option.values, ("model", "layers"), {})
    after = check.sources.configs[check.sources.configs.index(option) + 1 :]
    for source in after:
        added = [name for name in lookup(source.values, ("model", "layers"), {}) or {} if name not in own]
        if own and added:
            line = source.lines.keys.get(("model", "layers", added[0]))
            message = (
                f"{source.file}:{line} adds layers of its own ({', '.join(added)}) to those of {text}. "
                f"Leave out {text}, or take the layers out of {source.file}"
            )
            check.problems.append(Problem("model", message, f"{COMMAND_LINE}: {text}"))


def _value(setting: Given, config: Mapping[str, Any], check: Checker) -> None:
    """A value in an entry that dropped out of the config has no effect."""
    key = setting.key
    if len(key) < 2 or setting.value is None or key[0] not in ("model", "callbacks"):
        return
    depth = 3 if key[0] == "model" else 2
    entry = key[:depth]
    told = any(f"{problem.key}.".startswith(f"{shown(entry)}.") for problem in check.problems)
    was_there = any(lookup(source.values, entry) for source in check.sources.configs)
    if len(key) > depth and was_there and not told and lookup(config, entry) is None:
        place = _file_place(check.sources, entry)
        _report(setting.text, f"{shown(entry)} is null" + (f" ({place})" if place else ""), check)


def _undoes(later: Given, earlier: Given) -> bool:
    """Whether a later setting wipes out an earlier one."""
    covers = [*map(str, later.key)] == [*map(str, earlier.key[: len(later.key)])]
    if not covers or earlier.action == "remove":
        return False
    if later.action == "remove" or later.value is None:
        return True
    if isinstance(earlier.value, dict) and isinstance(later.value, dict):
        return all(lookup(later.value, key) is not None for key, _ in leaves(earlier.value))
    if len(later.key) == len(earlier.key):
        return True
    return not isinstance(later.value, dict) or lookup(later.value, earlier.key[len(later.key) :]) is not None


def _file_place(sources: Sources, key: Key) -> str:
    for source in reversed(sources.configs):
        if source.file and key in source.lines.keys:
            return f"{source.file}:{source.lines.keys[key]}"
    return ""


def _report(text: str, reason: str, check: Checker) -> None:
    check.problems.append(Problem("", f"{text} has no effect: {reason}", COMMAND_LINE))
