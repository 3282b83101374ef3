"""On which line of a YAML file each key stands."""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from kexp.config.keys import Key

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Lines:
    """Line numbers, from 1: of keys, and of the groups that the defaults list chooses from."""

    keys: dict[Key, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    is_map: bool = True
    is_empty: bool = False


def lines_of(text: str, prefix: Key = ()) -> Lines:
    """The lines of a YAML text whose content lands under `prefix`.

    >>> lines_of("fit:\\n  epochs: 3").keys
    {('fit',): 1, ('fit', 'epochs'): 2}
    """
    found = Lines()
    root = yaml.compose(text, Loader=_Loader)
    if not isinstance(root, yaml.MappingNode):
        found.is_map, found.is_empty = root is None, root is None
        return found
    for name, value in root.value:
        if name.value == "defaults" and isinstance(value, yaml.SequenceNode):
            _read_defaults(value, found)
    root.value = [(name, value) for name, value in root.value if name.value != "defaults"]
    _walk(root, prefix, found.keys)
    if prefix:
        found.keys.setdefault(prefix, 1)
    return found


def _walk(node: yaml.Node, key: Key, found: dict[Key, int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.tag == "tag:yaml.org,2002:merge":
                for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    _walk(merged, key, found)
                continue
            inner = (*key, str(name.value))
            found[inner] = name.start_mark.line + 1
            _walk(value, inner, found)
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            found[(*key, position)] = item.start_mark.line + 1
            _walk(item, (*key, position), found)


def _read_defaults(node: yaml.SequenceNode, found: Lines) -> None:
    for item in node.value:
        line = item.start_mark.line + 1
        if not isinstance(item, yaml.MappingNode):
            continue
        for name, _ in item.value:
            group = str(name.value).split()[-1].lstrip("/").split("@")[0]
            found.groups[group] = line
