"""Finds and loads plugins; what they register is a value, of which one is current.

Plugins come from the built-in package, from the entry-point group `kexp`, from `KEXP_PLUGINS` (paths or module
names, separated like PATH) and from `plugins: [...]` in a config. A broken plugin never takes the program down:
it is kept in the list with the reason.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import os
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from kexp import hookspecs
from kexp.errors import KexpError, PluginError, nearest
from kexp.hookspecs import KINDS
from kexp.registry import Registry

BUILTIN = "kexp_plugins"
GROUP = "kexp"


@dataclass
class Plugin:
    """One plugin: where it came from, what it registered, and what went wrong."""

    name: str
    source: str
    version: str = ""
    module: Any = None
    hooks: list[str] = field(default_factory=list)
    components: dict[str, list[str]] = field(default_factory=dict)
    config_dirs: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class PluginSet:
    """The registries that a list of plugins fills, one for each kind of component."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self.plugins = list(plugins)
        self.registries = {kind: Registry(kind) for kind in KINDS}
        manager = pluggy.PluginManager(GROUP)
        manager.add_hookspecs(hookspecs)
        for plugin in self.plugins:
            if plugin.module is not None:
                _register(manager, plugin, self.registries)
        broken = [plugin.name for plugin in self.plugins if plugin.problems]
        if broken:
            note = (
                f"These plugins had problems and may have held it: {', '.join(broken)} (see `python -m kexp plugins`)."
            )
            for registry in self.registries.values():
                registry.note = note

    def __getitem__(self, kind: str) -> Registry:
        return self.registries[kind]

    @property
    def config_dirs(self) -> list[Path]:
        """Folders with Hydra configs, in the order of the plugins."""
        return [folder for plugin in self.plugins for folder in plugin.config_dirs]

    def problems(self) -> list[str]:
        """What a person should know before a run: broken plugins, and names registered twice."""
        found = [f"plugin {plugin.name}: {problem}" for plugin in self.plugins for problem in plugin.problems]
        for kind, registry in self.registries.items():
            for name, owners in registry.clashes().items():
                found.append(f"the {kind} name {name!r} is registered by {len(owners)} plugins: {', '.join(owners)}")
        return found


def load(extra: Iterable[str] = ()) -> PluginSet:
    """Load the built-in plugins, the installed ones, those of `KEXP_PLUGINS`, and `extra` (paths or module names)."""
    named = [name for name in os.environ.get("KEXP_PLUGINS", "").split(os.pathsep) if name]
    plugins = [*_builtin(), *_installed()]
    for name in [*named, *extra]:
        plugins.extend(_from_name(name))
    return PluginSet(plugins)


_current: PluginSet | None = None


def current() -> PluginSet:
    """The plugins in use; loaded at the first look-up."""
    global _current
    if _current is None:
        _current = load()
    return _current


def use(plugins: PluginSet | None) -> None:
    """Make `plugins` the current set; None loads anew at the next look-up."""
    global _current
    _current = plugins


@contextlib.contextmanager
def using(plugins: PluginSet) -> Iterator[PluginSet]:
    """Make `plugins` current inside a `with`."""
    before = _current
    use(plugins)
    try:
        yield plugins
    finally:
        use(before)


def with_modules(*modules: Any) -> PluginSet:
    """The current plugins and `modules` besides; for tests and notebooks."""
    extra = [Plugin(getattr(module, "__name__", repr(module)), "given", module=module) for module in modules]
    return PluginSet([*_unregistered(current().plugins), *extra])


def with_names(*names: str) -> PluginSet:
    """The current plugins and those that `names` (paths or module names) stand for besides."""
    return PluginSet([*_unregistered(current().plugins), *(plugin for name in names for plugin in _from_name(name))])


def _unregistered(plugins: Iterable[Plugin]) -> list[Plugin]:
    """The same plugins, to be registered in another set."""
    return [
        Plugin(p.name, p.source, p.version, p.module, problems=list(p.problems) if p.module is None else [])
        for p in plugins
    ]


def _register(manager: pluggy.PluginManager, plugin: Plugin, registries: Mapping[str, Registry]) -> None:
    hooks = _hooks(plugin)
    try:
        manager.register(hooks, plugin.name)
    except ValueError:  # pluggy's own text holds the whole list of plugins
        plugin.problems.append("another plugin of this name is loaded already")
        return
    except Exception as error:  # signatures that do not fit the hook's, among others
        plugin.problems.append(_reason(error))
        return
    kinds = {hook: kind for kind, hook in KINDS.items()}
    for name, function in vars(hooks).items():
        if not hasattr(hookspecs, name):  # pluggy would keep it in silence
            near = nearest(name, [*KINDS.values(), "kexp_config_dirs"])
            plugin.problems.append(f"unknown hook {name!r}" + (f", did you mean {near!r}?" if near else ""))
            continue
        plugin.hooks.append(name)
        try:
            _collect(plugin, kinds.get(name), function(), registries)
        except Exception as error:  # a plugin's own code runs here, and may fail in any way
            plugin.problems.append(f"hook {name}: {_reason(error)}")


class _Hooks:
    """The hooks of one plugin as attributes; equal to itself alone, as pluggy wants it."""

    def __init__(self, hooks: Mapping[str, Any]) -> None:
        vars(self).update(hooks)

    def __dir__(self) -> list[str]:  # all that pluggy should look at
        return list(vars(self))


def _hooks(plugin: Plugin) -> _Hooks:
    """The marked functions of a plugin alone, which pluggy searches much faster than a whole module."""
    module = plugin.module
    named = vars(module) if isinstance(module, ModuleType) else {name: getattr(module, name) for name in dir(module)}
    functions = {name: member for name, member in named.items() if name[:2] != "__" and inspect.isroutine(member)}
    found = {name: member for name, member in functions.items() if hasattr(member, f"{GROUP}_impl")}
    for name in functions:
        if name.startswith("kexp_") and name not in found:
            plugin.problems.append(f"{name} is no hook: have you forgotten @kexp.hookimpl?")
    return _Hooks(found)


def _collect(plugin: Plugin, kind: str | None, result: Any, registries: Mapping[str, Registry]) -> None:
    if kind is None:
        plugin.config_dirs.extend(Path(folder) for folder in result)
        missing = [str(folder) for folder in plugin.config_dirs if not folder.is_dir()]
        if missing:
            raise PluginError(f"no such config folder: {', '.join(missing)}")
        return
    if not isinstance(result, Mapping):
        raise PluginError(f"must return a mapping from names to makers. Received: {type(result).__name__}")
    for name, maker in result.items():
        registries[kind].add(name, maker, plugin.name)
        plugin.components.setdefault(kind, []).append(name)


def _builtin() -> Iterator[Plugin]:
    package = importlib.import_module(BUILTIN)
    for info in pkgutil.walk_packages(package.__path__, f"{BUILTIN}."):
        plugin = None if info.ispkg else _imported(info.name, "built in")
        shared = plugin is not None and plugin.module is not None and not _has_hooks(plugin.module)
        if plugin is not None and not shared:  # plugins share some modules among them
            yield plugin


def _has_hooks(module: ModuleType) -> bool:
    return any(name.startswith(f"{GROUP}_") for name in vars(module))


def _installed() -> Iterator[Plugin]:
    from importlib.metadata import entry_points  # at the door: importlib.metadata is slow to import

    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        source = f"{point.dist.name}" if point.dist else "entry point"
        version = point.dist.version if point.dist else ""
        try:
            yield Plugin(point.name, source, version, point.load())
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            yield Plugin(point.name, source, version, problems=[_reason(error)])


def _from_name(name: str) -> Iterator[Plugin]:
    """A plugin file, a folder of plugin files, or a module that can be imported."""
    path = Path(name).expanduser()
    if path.is_dir():
        files = sorted(path.glob("*.py"))
        if not files:
            yield Plugin(name, "folder", problems=[f"no *.py file in the folder {path.resolve()}"])
        for file in files:
            yield _from_file(file)
    elif path.suffix == ".py" or os.sep in name:
        yield _from_file(path)
    else:
        yield _imported(name, "module")


def _from_file(path: Path) -> Plugin:
    plugin = Plugin(path.stem, str(path))
    if not path.is_file():
        plugin.problems.append(f"no such file: {path.resolve()}")
        return plugin
    spec = importlib.util.spec_from_file_location(f"kexp_plugin_{path.stem}", path)
    if spec is None or spec.loader is None:
        plugin.problems.append(f"not a Python file: {path}")
        return plugin
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        del sys.modules[spec.name]
        plugin.problems.append(_reason(error))
        return plugin
    plugin.module = module
    return plugin


def _imported(name: str, source: str) -> Plugin:
    try:
        module: ModuleType = importlib.import_module(name)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return Plugin(name, source, problems=[_reason(error)])
    return Plugin(name, source, str(getattr(module, "__version__", "")), module)


def _reason(error: BaseException) -> str:
    return str(error) if isinstance(error, KexpError) else f"{type(error).__name__}: {error}"
