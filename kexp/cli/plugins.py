"""`python -m kexp plugins`: what is plugged in: versions, hooks, components, and what failed and why."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from kexp import plugins
from kexp.cli.words import CommandError, columns
from kexp.errors import plural
from kexp.plugins import Plugin, PluginSet

BUILTIN_SOURCE = "built in"


def show_plugins(arguments: Sequence[str]) -> int:
    """Print the installed plugins and those that the arguments name (files, folders, modules).

    `--verbose` lists the built-in ones one by one; with `--strict` the exit code is 1 if anything is wrong.
    """
    flags = {argument for argument in arguments if argument.startswith("-")}
    names = [argument for argument in arguments if not argument.startswith("-")]
    unknown = flags - {"--verbose", "-v", "--strict"}
    if unknown:
        raise CommandError(f"no option {min(unknown)}. Known: --verbose, --strict")
    found = plugins.with_names(*names) if names else plugins.current()
    print("\n".join(listing(found, verbose=bool(flags & {"--verbose", "-v"}))))
    troubles = found.problems()
    if troubles:
        print(f"\n{_red(f'{len(troubles)} problem' + 's' * (len(troubles) != 1))}")
        for trouble in troubles:
            print(_red(f"  {trouble}".replace("\n", "\n    ")))
    return 1 if troubles and "--strict" in flags else 0


def listing(found: PluginSet, verbose: bool) -> list[str]:
    """The plugins by their distribution, the built-in ones summed up unless `verbose`."""
    own = [plugin for plugin in found.plugins if plugin.source == BUILTIN_SOURCE]
    others = [plugin for plugin in found.plugins if plugin.source != BUILTIN_SOURCE]
    lines = [f"{BUILTIN_SOURCE}: {len(own)} modules, {_counts(own)}"]
    if verbose:
        lines += [f"  {line}" for line in columns([(_short(plugin), _hooks(plugin), _holds(plugin)) for plugin in own])]
    for source in dict.fromkeys(plugin.source for plugin in others):
        members = [plugin for plugin in others if plugin.source == source]
        version = next((plugin.version for plugin in members if plugin.version), "")
        lines += ["", f"{source} {version}".rstrip()]
        lines += [
            f"  {line}" for line in columns([(plugin.name, _hooks(plugin), _holds(plugin)) for plugin in members])
        ]
    if not others:
        lines += ["", "no other plugins: none is installed (entry points `kexp`), none is named in KEXP_PLUGINS"]
    return lines


def _counts(members: Iterable[Plugin]) -> str:
    counts = Counter({kind: 0 for plugin in members for kind in plugin.components})
    for plugin in members:
        counts.update({kind: len(names) for kind, names in plugin.components.items()})
    return ", ".join(f"{count} {kind if count == 1 else plural(kind)}" for kind, count in sorted(counts.items()))


def _short(plugin: Plugin) -> str:
    return plugin.name.removeprefix(f"{plugins.BUILTIN}.")


def _hooks(plugin: Plugin) -> str:
    return ", ".join(plugin.hooks) or "no hooks"


def _holds(plugin: Plugin) -> str:
    parts = [f"{plural(kind)}: {', '.join(names)}" for kind, names in plugin.components.items()]
    parts += [f"configs: {folder}" for folder in plugin.config_dirs]
    parts += [_red("FAILED")] if plugin.problems and not parts else []
    return "; ".join(parts)


def _red(text: str) -> str:
    return f"\033[31m{text}\033[0m" if sys.stdout.isatty() else text
