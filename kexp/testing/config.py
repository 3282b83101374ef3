"""The check that all components share: what they say of themselves in a config makes them again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from kexp import plugins
from kexp.core.component import Component
from kexp.testing.report import Subject

T = TypeVar("T", bound=Component)


def require_round_trip(subject: Subject, made: T, require_same: Callable[[Subject, T], None]) -> None:
    """Fail unless `made` can be made again from its config.

    The config must survive JSON. `require_same(subject, twin)` compares the twin's behaviour with the original's; it
    is called for the twin of `from_config` and, if the class is registered, for that of the registry.
    """
    with subject.at("get_config").running():
        config = made.get_config()
        loaded = json.loads(json.dumps(config))
    for key, value in config.items():
        subject.require(
            loaded[key] == value, f"get_config gives {key}={value!r}, which JSON turns into {loaded[key]!r}"
        )
    with subject.at("from_config").running():
        twin = type(made).from_config(json.loads(json.dumps(config)))
    subject.require(type(twin) is type(made), f"from_config makes a {type(twin).__name__}")
    _require_equal(subject, config, twin.get_config())
    require_same(subject.at("from_config"), twin)
    registry = plugins.current()[type(made).kind]
    name = registry.name_of(type(made))
    if name is not None:
        near = subject.at(f"type: {name}")
        with near.running():
            built: Any = registry.build({"type": name, **loaded})
        require_same(near, built)


def _require_equal(subject: Subject, config: dict[str, Any], again: dict[str, Any]) -> None:
    for name in {**config, **again}:
        before, after = config.get(name), again.get(name)
        subject.require(before == after, f"{name} was {before!r} in the config, and is {after!r} in that of its twin")
