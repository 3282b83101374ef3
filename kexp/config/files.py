"""Looks for the mistake in config files themselves when they cannot be composed: syntax, headers, defaults lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.types import Override
from omegaconf import grammar_parser
from omegaconf.errors import OmegaConfBaseException

from kexp.config.keys import Key, shown, suggestion, unknown_option
from kexp.config.loading import Loader
from kexp.config.options import PRIMARY
from kexp.config.sections import GROUPS
from kexp.config.sources import short_path
from kexp.errors import Problem

MAPS = (*GROUPS, "model", "fit")
LISTS = {"metrics": "accuracy", "plugins": "my_plugin.py"}
OWN_GROUPS = (*GROUPS, "model")


def file_problems(loader: Loader, choices: Sequence[Override]) -> list[Problem]:
    """What is wrong with the files that the primary config and `choices` lead to."""
    reader = _Reader(loader)
    reader.read(PRIMARY, ())
    for override in choices:
        value = None if override.is_delete() or override.is_sweep_override() else override.value()
        for name in value if isinstance(value, list) else [value]:
            if isinstance(name, str):
                reader.read(f"{override.key_or_group}/{name}", ())
    return list(dict.fromkeys(reader.problems))


def syntax_problem(error: yaml.YAMLError) -> Problem:
    """A file that is no YAML."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = f"{short_path(Path(mark.name))}:{mark.line + 1}" if mark is not None else ""
    detail = ", ".join(part for name in ("problem", "context") if (part := getattr(error, name, None))) or str(error)
    hint = "; indent with spaces, not tabs" if "\\t" in detail else ""
    return Problem("", f"not valid YAML: {detail}{hint}", place)


class _Reader:
    """Follows defaults lists from file to file."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.problems: list[Problem] = []
        self.done: set[str] = set()

    def read(self, path: str, parents: tuple[str, ...]) -> None:
        """Check the file of a config path, and those that its defaults list names."""
        file = self._file(path)
        if file is None or path in self.done:
            return
        self.done.add(path)
        name = short_path(file)
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(Problem("", f"the file cannot be read: {error}", name))
            return
        self._header(text, name)
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            for mark in (error.problem_mark, error.context_mark):
                if mark is not None:
                    mark.name = str(file)
            self.problems.append(syntax_problem(error))
            return
        if not isinstance(root, yaml.MappingNode):
            if root is not None:
                self.problems.append(
                    Problem("", "a config file must be a map, such as `fit: {epochs: 3}`", f"{name}:1")
                )
            return
        self._scalars(root, (), name)
        for key, value in root.value:
            if key.value == "defaults":
                self._defaults(value, path, name, (*parents, path))
        if _is_global(text) or path == PRIMARY:
            self._maps(root, name)

    def _file(self, path: str) -> Path | None:
        for source in self.loader.repository.get_sources():
            if source.is_config(path):
                file = Path(source.path) / f"{path}.yaml"
                return file if file.is_file() else None
        return None

    def _header(self, text: str, name: str) -> None:
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip() and not re.match(r"\s*#\s*@", line):
                return
            if line.strip() and not re.fullmatch(r"\s*#\s*@package\s+[\w.]+\s*", line):
                message = f"a header has the form `# @package _global_`. Received: {line.strip()!r}"
                self.problems.append(Problem("", message, f"{name}:{number}"))

    def _scalars(self, node: yaml.Node, key: Key, name: str) -> None:
        """Duplicate keys, and interpolations that cannot be parsed."""
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for inner, value in node.value:
                if str(inner.value) in seen:
                    self.problems.append(
                        Problem(shown((*key, inner.value)), "this key stands here twice", _place(name, inner))
                    )
                seen.add(str(inner.value))
                self._scalars(value, (*key, str(inner.value)), name)
        elif isinstance(node, yaml.SequenceNode):
            for position, value in enumerate(node.value):
                self._scalars(value, (*key, position), name)
        elif isinstance(node, yaml.ScalarNode) and "${" in node.value:
            try:
                grammar_parser.parse(node.value)
            except OmegaConfBaseException:
                message = f"{node.value!r} is no interpolation; it has the form ${{fit.epochs}}"
                self.problems.append(Problem(shown(key), message, _place(name, node)))

    def _maps(self, root: yaml.MappingNode, name: str) -> None:
        for key, value in root.value:
            if key.value in MAPS and isinstance(value, yaml.SequenceNode):
                self._no_list(key, key.value, name)
            if key.value in LISTS and isinstance(value, yaml.MappingNode) and not _by_output(key.value, value):
                message = f"expected a list, such as `{key.value}: [{LISTS[key.value]}]`; got a map"
                self.problems.append(Problem(key.value, message, _place(name, key)))
            if key.value == "model" and isinstance(value, yaml.MappingNode):
                for inner, layers in value.value:
                    if inner.value == "layers" and isinstance(layers, yaml.SequenceNode):
                        self._no_list(inner, "model.layers", name)

    def _no_list(self, node: yaml.Node, key: str, name: str) -> None:
        examples = {
            "model.layers": "; give each layer a name, such as `hidden: {type: dense, units: 8}`",
            "callbacks": "; give each callback a name, such as `early_stopping: {patience: 3}`",
        }
        self.problems.append(Problem(key, f"expected a map, got a list{examples.get(key, '')}", _place(name, node)))

    def _defaults(self, node: yaml.Node, path: str, name: str, parents: tuple[str, ...]) -> None:
        if not isinstance(node, yaml.SequenceNode):
            message = "the defaults list must be a list, such as `- override /optimizer: adam`"
            self.problems.append(Problem("defaults", message, _place(name, node)))
            return
        here, overriding = path.rpartition("/")[0], False
        for item in node.value:
            if isinstance(item, yaml.ScalarNode):
                overriding_key = ""
                if item.value != "_self_":
                    target = (
                        item.value.lstrip("/") if item.value.startswith("/") else f"{here}/{item.value}".lstrip("/")
                    )
                    self._option(item, target.rpartition("/")[0], target.rpartition("/")[2], name, parents)
            elif isinstance(item, yaml.MappingNode) and len(item.value) == 1:
                overriding_key = str(item.value[0][0].value)
                self._group(item, overriding_key, _names(item.value[0][1]), here, name, parents)
            else:
                message = "an entry of the defaults list is a name, or `GROUP: NAME` on a line of its own"
                self.problems.append(Problem("defaults", message, _place(name, item)))
                continue
            if overriding and not overriding_key.startswith("override ") and path != PRIMARY:
                message = "the entries with `override` must be the last ones of the defaults list"
                self.problems.append(Problem("defaults", message, _place(name, item)))
            overriding = overriding or overriding_key.startswith("override ")

    def _group(
        self, item: yaml.Node, key: str, names: Iterable[str], here: str, name: str, parents: tuple[str, ...]
    ) -> None:
        *keywords, written = key.split()
        group = written.split("@")[0]
        absolute = group.lstrip("/") if group.startswith("/") else f"{here}/{group}".lstrip("/")
        if not self.loader.repository.group_exists(absolute):
            known = [
                known for known in self.loader.repository.get_group_options("", ObjectType.GROUP) if known != "hydra"
            ]
            bare = group.lstrip("/")
            near = suggestion(bare, known)
            hint = f"; did you mean `{' '.join([*keywords, f'/{near}'])}`?" if near else f"\nKnown: {', '.join(known)}"
            what = f"no group is called {bare!r} here" if bare in known else f"no group is called {bare!r}"
            self.problems.append(Problem("defaults", f"{what}{hint}", _place(name, item)))
            return
        if "override" not in keywords and absolute in OWN_GROUPS and name and parents[0] != PRIMARY:
            message = f"an option of {absolute!r} is chosen already; write `override /{absolute}: NAME`"
            self.problems.append(Problem("defaults", message, _place(name, item)))
        for option in names:
            if "optional" not in keywords:
                self._option(item, absolute, option, name, parents)

    def _option(self, item: yaml.Node, group: str, option: str, name: str, parents: tuple[str, ...]) -> None:
        path = f"{group}/{option}".lstrip("/")
        if "${" in option or "@" in option or option == "???":
            return
        if path in parents:
            self.problems.append(Problem("defaults", f"{path!r} leads back to itself", _place(name, item)))
        elif not self.loader.repository.config_exists(path):
            options = self.loader.repository.get_group_options(group, ObjectType.CONFIG)
            self.problems.append(Problem("defaults", unknown_option(group, option, options), _place(name, item)))
        else:
            self.read(path, parents)


def _names(node: yaml.Node) -> list[str]:
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return [str(n.value) for n in nodes if isinstance(n, yaml.ScalarNode) and n.tag != "tag:yaml.org,2002:null"]


def _is_global(text: str) -> bool:
    return re.match(r"\s*#\s*@package\s+_global_\s*$", text, re.MULTILINE) is not None


def _place(name: str, node: yaml.Node) -> str:
    return f"{name}:{node.start_mark.line + 1}"


def _by_output(group: str, node: yaml.MappingNode) -> bool:
    """Whether it is a map from a model's outputs to lists of metrics."""
    return group == "metrics" and all(isinstance(value, yaml.SequenceNode) for _, value in node.value)
