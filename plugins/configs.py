"""The configs that kexp brings along: the primary config, its groups, and experiments."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from kexp.errors import PluginError
from kexp.hookspecs import hookimpl

PACKAGE = "kexp_conf"


@hookimpl
def kexp_config_dirs() -> list[Path]:
    """The folder of the config package; it is found without importing it."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise PluginError(f"the package {PACKAGE} is not there; is kexp installed whole?")
    return [Path(found.submodule_search_locations[0])]
