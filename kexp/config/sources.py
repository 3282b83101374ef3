"""Where each value of a composed config comes from: a line of a file, or the command line."""

from __future__ import annotations

import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kexp.config.keys import Key, leaves, lookup, shown
from kexp.config.yaml_lines import Lines

COMMAND_LINE = "command line"
_NOTHING = object()


@dataclass
class Source:
    """One config that was merged into the whole, with its content at its final place.

    `name` is group and option (`optimizer/sgd`); `file` is empty for an option made from a registry.
    """

    name: str
    values: dict[str, Any]
    file: str = ""
    lines: Lines = field(default_factory=Lines)
    prefix: Key = ()
    """The key below which the file's content lies; none with `# @package _global_`."""
    generated: bool = False
    """Whether it is an option made from a registry, whose values nobody wrote."""

    @property
    def group(self) -> str:
        """The group that this is an option of."""
        return self.name.rpartition("/")[0]


@dataclass
class Given:
    """One setting of the command line: its text, its key, and what it does there ('set', 'add', 'remove')."""

    text: str
    key: Key
    action: str = "set"
    value: Any = None

    def covers(self, key: Key) -> bool:
        """Whether it wrote the value at `key`, or a map or list around it."""
        return self.action != "remove" and [*map(str, self.key)] == [*map(str, key[: len(self.key)])]


@dataclass
class Sources:
    """All that was merged: configs in their order, then the command line's settings in theirs."""

    configs: list[Source] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    chosen: dict[str, str] = field(default_factory=dict)
    """Group -> the option that was chosen."""
    choosers: dict[str, str] = field(default_factory=dict)
    """Group -> the override that chose its option on the command line."""
    options: dict[str, list[str]] = field(default_factory=dict)
    """Group -> its options, from registries and files."""
    groups: list[str] = field(default_factory=list)
    """All groups, those without an option chosen too (`experiment`)."""

    moved: dict[Key, Key] = field(default_factory=dict)
    """Keys whose values were written at other keys, and these."""

    def place(self, key: Key) -> str:
        """Where the value at `key` was written: `conf/experiment/xor.yaml:9` or `command line: fit.epochs=ten`.

        For a key that stands nowhere (a missing one), where the map stands that it belongs to.
        """
        key = self.moved.get(key, key)
        while key:
            for given in reversed(self.given):
                if given.covers(key):
                    return f"{COMMAND_LINE}: {given.text}"
            for source in reversed(self.configs):
                if source.file and key in source.lines.keys:
                    return f"{source.file}:{source.lines.keys[key]}"
                if not source.file and _NOTHING is not lookup(source.values, key, _NOTHING):
                    return self.choice_place(source.group)
            key = key[:-1]
        return ""

    def choice_place(self, group: str) -> str:
        """Where the option of `group` was chosen: on the command line, or in a defaults list."""
        if group in self.choosers:
            return f"{COMMAND_LINE}: {self.choosers[group]}"
        for source in reversed(self.configs):
            if source.file and group in source.lines.groups:
                return f"{source.file}:{source.lines.groups[group]}"
        return ""

    def writer(self, key: Key) -> Source | None:
        """The last config that wrote a value at `key` or below."""
        return next((s for s in reversed(self.configs) if lookup(s.values, key, _NOTHING) is not _NOTHING), None)

    def option(self, group: str) -> Source | None:
        """The config that was chosen in `group`."""
        name = f"{group}/{self.chosen.get(group)}"
        return next((source for source in self.configs if source.name == name), None)

    def set_on_command_line(self, key: Key) -> bool:
        """Whether the command line wrote a value at `key`."""
        return any(given.covers(key) for given in self.given)


def short_path(path: Path) -> str:
    """`path` as a person would write it: relative to the working directory, or to where packages are installed."""
    path = path.absolute()
    roots = [Path(sysconfig.get_path("purelib")), Path.cwd()]
    root = next((root for root in roots if path.is_relative_to(root)), None)
    return str(path.relative_to(root)) if root is not None else str(path)


def all_keys(config: Any) -> list[str]:
    """All keys of a config down to its leaves, as they are written in overrides."""
    found: dict[str, None] = {}
    for key, _ in leaves(config):
        for end in range(1, len(key) + 1):
            found[shown(key[:end])] = None
    return list(found)
