"""Registry: one kind's names and what makes each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kexp.errors import ArgumentError, DuplicateNameError, UnknownNameError

Maker = Callable[..., Any]


class Registry:
    """Names of one kind of component, each with its maker and the plugin it came from.

    A name may be looked up in any spelling that differs only in case and underscores
    (`glorot_uniform`, `GlorotUniform`). A name that two plugins registered stays usable by nobody:
    looking it up is an error that names both, all other names go on working.

    >>> layers = Registry("layer")
    >>> layers.add("twice", lambda factor=2: factor, plugin="mine")
    >>> layers.build({"type": "twice", "factor": 3})
    3
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.note = ""  # said with an unknown name: plugins that could not be loaded may have had it
        self._makers: dict[str, list[tuple[Maker, str]]] = {}
        self._spellings: dict[str, str] = {}

    def add(self, name: str, maker: Maker, plugin: str) -> None:
        """Register `maker` under `name` for `plugin`; a second plugin's claim on the name is remembered."""
        if not isinstance(name, str) or not name.strip():
            raise ArgumentError(f"a {self.kind} name must be a non-empty text. Received: {name!r}")
        if not callable(maker):
            raise ArgumentError(f"{self.kind} {name!r} must be a class or a function. Received: {maker!r}")
        name = self._spellings.setdefault(_fold(name), name)
        self._makers.setdefault(name, []).append((maker, plugin))

    def get(self, name: str, where: str = "") -> Maker:
        """The maker of `name`.

        Raises: UnknownNameError with the nearest known name; DuplicateNameError if two plugins claim it.
        """
        known = self._spellings.get(_fold(name)) if isinstance(name, str) else None
        if known is None:
            raise UnknownNameError(self.kind, name, self._makers, where, self.note)
        claims = self._makers[known]
        if len(claims) > 1:
            raise DuplicateNameError(self.kind, known, [plugin for _, plugin in claims])
        return claims[0][0]

    def build(self, spec: str | Mapping[str, Any], where: str = "") -> Any:
        """Make the component that `spec` names: a name, or a mapping with `type` and its arguments."""
        if isinstance(spec, str):
            return self.get(spec, where)()
        if "type" not in spec:
            raise ArgumentError(
                f"a {self.kind} needs a `type`{f' (at {where})' if where else ''}. Received: {dict(spec)!r}"
            )
        arguments = {key: value for key, value in spec.items() if key != "type"}
        return self.get(spec["type"], where)(**arguments)

    def name_of(self, maker: Maker) -> str | None:
        """The first name under which `maker` is registered, or None."""
        return next((name for name, claims in self._makers.items() if any(made is maker for made, _ in claims)), None)

    def owners(self, name: str) -> list[str]:
        """The plugins that registered `name`."""
        return [plugin for _, plugin in self._makers.get(self._spellings.get(_fold(name), ""), [])]

    def clashes(self) -> dict[str, list[str]]:
        """Names that more than one plugin registered, with the plugins."""
        return {name: self.owners(name) for name, claims in self._makers.items() if len(claims) > 1}

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _fold(name) in self._spellings


def _fold(name: str) -> str:
    return name.replace("_", "").lower()
