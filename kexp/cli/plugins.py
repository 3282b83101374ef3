"""`python -m kexp plugins`: what is plugged in, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

from kexp import plugins


def show_plugins(arguments: Sequence[str]) -> int:
    """Print the plugins."""
    for plugin in plugins.current().plugins:
        print(plugin.name, plugin.source, plugin.version, plugin.problems)
    return 0
