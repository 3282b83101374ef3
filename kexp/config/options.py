"""Config sources of our own for Hydra: an option for every registered component, and the primary config."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.core.object_type import ObjectType
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult, ConfigSource
from omegaconf import OmegaConf

from kexp import plugins
from kexp.config.sections import GROUPS, MODEL_TYPES, OPEN
from kexp.core.component import REQUIRED, parameters, to_plain
from kexp.errors import KexpError

REGISTRIES = "kexp://registries"
ANY_NAME = "kexp://any"
PRIMARY = "config"


class RegistrySource(ConfigSource):
    """Options that no file holds: `optimizer/adam` is `{type: adam}` with all of Adam's defaults.

    It holds what was registered when it was made, so that it can be sent to another process. As `kexp://any` it
    has every option anybody asks for, which serves to find the plugins that a config names.
    """

    def __init__(self, provider: str, path: str) -> None:
        super().__init__(provider=provider, path=path)
        self.any_name = path == ANY_NAME
        self.options = {group: _options(kind) for group, kind in GROUPS.items()}
        self.options["model"] = {name: {"type": name, "layers": {}} for name in MODEL_TYPES}

    @staticmethod
    def scheme() -> str:
        """The scheme of the search path's entry."""
        return "kexp"

    def load_config(self, config_path: str) -> ConfigResult:
        """The option's content."""
        group, name = self._split(config_path)
        content = self._find(group, name)
        if content is None:
            content = {"type": name}
        if group == "callbacks":
            content = {name: content}
        return ConfigResult(self.provider, self.full_path(), OmegaConf.create(content), {"package": None})

    def available(self) -> bool:
        """Always."""
        return True

    def is_group(self, config_path: str) -> bool:
        """Whether it is one of the groups that the registries fill."""
        return config_path == "" or config_path in self.options

    def is_config(self, config_path: str) -> bool:
        """Whether it is a registered name."""
        group, name = self._split(config_path)
        return self._find(group, name) is not None or (self.any_name and group in self.options and bool(name))

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """The names in a group, or the groups."""
        if config_path == "":
            return sorted(self.options) if results_filter is not ObjectType.CONFIG else []
        if results_filter is ObjectType.GROUP:
            return []
        return sorted(self.options.get(config_path, {}))

    def _split(self, config_path: str) -> tuple[str, str]:
        group, _, name = config_path.removesuffix(".yaml").rpartition("/")
        return group, name

    def _find(self, group: str, name: str) -> dict[str, Any] | None:
        options = self.options.get(group, {})
        return options.get(name) or next((o for known, o in options.items() if _fold(known) == _fold(name)), None)


class PrimarySource(FileConfigSource):
    """Holds the primary config of a folder and nothing else, so that a user's own folder can come first."""

    @staticmethod
    def scheme() -> str:
        """The scheme of the search path's entry."""
        return "kexp-primary"

    def is_group(self, config_path: str) -> bool:
        """Never."""
        return False

    def is_config(self, config_path: str) -> bool:
        """Whether it is the primary config."""
        return config_path.removesuffix(".yaml") == PRIMARY and super().is_config(config_path)

    def available(self) -> bool:
        """Whether the primary config is there."""
        return (Path(self.path) / f"{PRIMARY}.yaml").is_file()

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """Nothing: the primary config is no choice."""
        return []


def register_sources() -> None:
    """Make the two sources known to Hydra."""
    for source in (RegistrySource, PrimarySource):
        Plugins.instance().register(source)


def _options(kind: str) -> dict[str, dict[str, Any]]:
    registry = plugins.current()[kind]
    clashes = registry.clashes()
    found: dict[str, dict[str, Any]] = {}
    for name in registry:
        found[name] = {"type": name} if kind != "callback" else {}
        if name not in clashes:
            found[name] |= _defaults(registry.get(name))
    return found


def _defaults(maker: Any) -> dict[str, Any]:
    """The maker's arguments, with those defaults that can stand in a config."""
    found: dict[str, Any] = {}
    for name, default in parameters(maker).items():
        if default is REQUIRED:
            found[name] = OPEN  # so that it can be set without a +
            continue
        try:
            found[name] = to_plain(default)
        except KexpError:
            continue  # an object that only Python code can give; the constructor has it anyway
    return found


def _fold(name: str) -> str:
    return name.replace("_", "").lower()
