"""What a maker of components accepts: its arguments, with defaults and annotations."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from kexp import plugins
from kexp.core.component import REQUIRED, constructors


@dataclass(frozen=True)
class Argument:
    """One argument; `annotation` is Any where nothing is known about its type."""

    name: str
    default: Any
    annotation: Any

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is REQUIRED


@cache
def arguments(maker: Callable[..., Any]) -> dict[str, Argument]:
    """The arguments of a maker, in the order of its constructor, those of its base classes after them."""
    found: dict[str, Argument] = {}
    for function in constructors(maker):
        hints = _hints(function)
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) or parameter.name == "self":
                continue
            argument = Argument(parameter.name, parameter.default, hints.get(parameter.name, Any))
            found.setdefault(parameter.name, argument)
    return found


def arguments_of(kind: str, name: Any) -> dict[str, Argument]:
    """The arguments of the component registered under `name`; none if no component, or more than one, is."""
    registry = plugins.current()[kind]
    if not isinstance(name, str) or name not in registry or len(registry.owners(name)) > 1:
        return {}
    return arguments(registry.get(name))


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Annotations by argument; one that cannot be evaluated (a name imported for type checkers only) is left out."""
    try:
        return typing.get_type_hints(function, include_extras=True)
    except Exception:  # an annotation is code of the plugin's author and may fail in any way
        found = {name: _hint(function, annotation) for name, annotation in _annotations(function).items()}
        return {name: hint for name, hint in found.items() if hint is not None}


def _annotations(function: Callable[..., Any]) -> dict[str, Any]:
    found: dict[str, Any] = getattr(function, "__annotations__", {})
    return found


def _hint(function: Callable[..., Any], annotation: Any) -> Any:
    """One annotation, evaluated where its function stands; None if that fails."""
    holder = type("Holder", (), {"__annotations__": {"it": annotation}})
    try:
        return typing.get_type_hints(holder, getattr(function, "__globals__", {}), include_extras=True)["it"]
    except Exception:  # as above
        return None


def first_line(maker: Callable[..., Any]) -> str:
    """The first line of a maker's docstring."""
    return (inspect.getdoc(maker) or "").strip().partition("\n")[0]
