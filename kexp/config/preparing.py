"""From overrides, or from a plain dict, to a config that can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kexp.config.checks import Parts, check_config
from kexp.config.components import Checker
from kexp.config.effects import check_effects
from kexp.config.normal import normalised
from kexp.config.sources import Sources
from kexp.errors import ConfigError, Problem


@dataclass
class Prepared:
    """A config in its normal form, its problems, and the components that it names."""

    config: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    sources: Sources = field(default_factory=Sources)
    parts: Parts = field(default_factory=Parts)

    def usable(self) -> dict[str, Any]:
        """The config.

        Raises: ConfigError with all its problems, if it has any.
        """
        if self.problems:
            raise ConfigError(self.problems)
        return self.config


def prepare(config: Mapping[str, Any], sources: Sources | None = None) -> Prepared:
    """Bring a config into its normal form and check it."""
    check = Checker(sources)
    normal = normalised(config, check)
    if normal["name"] is None:
        chosen = check.sources.chosen.get("experiment")
        normal["name"] = None if chosen is None else chosen.removesuffix(".yaml").rpartition("/")[2]
    parts = check_config(normal, check)
    if sources is not None:
        check_effects(normal, check)
    return Prepared(normal, check.problems, check.sources, parts)


def validate(config: Mapping[str, Any], where: Sources | None = None) -> list[Problem]:
    """All mistakes in a config; none if it can run. `where` knows on which line each key stands."""
    return prepare(config, where).problems
