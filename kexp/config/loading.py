"""The door to Hydra: the search path, and a loader that remembers what it merged."""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import IConfigRepository
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import ConfigSearchPath, SearchPathQuery
from hydra.core.default_element import ResultDefault
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.utils import setup_globals
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict

from kexp import plugins
from kexp.config.keys import Key
from kexp.config.options import ANY_NAME, PRIMARY, REGISTRIES, PrimarySource, RegistrySource, register_sources
from kexp.config.sections import GROUPS
from kexp.config.sources import Source, short_path
from kexp.config.yaml_lines import lines_of
from kexp.core import keras2
from kexp.errors import PluginError

VERSION_BASE = "1.3"
FROM_COMMAND_LINE = "command line"
"""The provider of the folder that --config-dir names."""


class Loader(ConfigLoaderImpl):
    """Hydra's loader; `merged` and `used` tell what the last composition was made of.

    One thing it does differently: where a config or an override changes the type of a chosen option (`optimizer=sgd`,
    then `optimizer.type: adam`), the defaults that the option brought along go; what somebody wrote stays.
    """

    def __init__(self, search_path: ConfigSearchPath) -> None:
        super().__init__(search_path)
        self.merged: list[ResultDefault] = []
        self.used: IConfigRepository = self.repository
        self._sources: dict[tuple[str, str], Source] = {}
        self._loaded: dict[tuple[Any, ...], tuple[DictConfig, list[ResultDefault], IConfigRepository]] = {}

    def _compose_config_from_defaults_list(self, defaults: list[ResultDefault], repo: IConfigRepository) -> DictConfig:
        self.merged, self.used = defaults, repo
        return super()._compose_config_from_defaults_list(defaults, repo)

    def _load_configuration_impl(
        self,
        config_name: str | None,
        overrides: list[str],
        run_mode: RunMode,
        from_shell: bool = True,
        validate_sweep_overrides: bool = True,
    ) -> DictConfig:
        config = super()._load_configuration_impl(
            config_name, overrides, run_mode, from_shell, validate_sweep_overrides
        )
        self.forget_defaults(config, OverridesParser.create().parse_overrides(overrides))
        return config

    def load_choices(self, config_name: str, overrides: list[str], run_mode: RunMode) -> DictConfig:
        """The config as groups' options make it, all defaults still there; values are set afterwards.

        The jobs of a sweep mostly make the same choices, so the result is kept.
        """
        key = (*overrides, run_mode)
        if key not in self._loaded:
            whole = super()._load_configuration_impl(config_name, overrides, run_mode, validate_sweep_overrides=False)
            self._loaded[key] = (whole, self.merged, self.used)
        whole, self.merged, self.used = self._loaded[key]
        return copy.deepcopy(whole)

    def forget_defaults(self, config: DictConfig, overrides: Sequence[Override]) -> None:
        """Drop defaults that registries' options brought along and that something written has replaced.

        That is, all of them where another type has taken their place, and one where its Keras 2 spelling is given.
        """
        for position, default in enumerate(self.merged):
            group = str(default.config_path).partition("/")[0]
            spec = config.get(group)
            if group not in GROUPS or group == "callbacks" or not isinstance(spec, DictConfig):
                continue
            source = self.source(position)
            brought = source.values.get(group)
            if not source.generated or not isinstance(brought, dict):
                continue
            another = spec.get("type") not in (brought.get("type"), None)
            renamed = {new for old in spec for new in keras2.ARGUMENTS.get(str(old), ()) if old not in brought}
            if another or renamed:
                written = self._written(group, position, overrides)
                with open_dict(config):
                    for name in brought:
                        if name != "type" and name not in written and (another or name in renamed):
                            spec.pop(name, None)

    def _written(self, group: str, position: int, overrides: Sequence[Override]) -> set[str]:
        """The arguments in `group` that configs after `position`, or overrides, have set."""
        later: list[Any] = [self.content(after).get(group) for after in range(position + 1, len(self.merged))]
        for override in overrides:
            first, *rest = override.key_or_group.split(".")
            if first == group and not override.is_delete() and not override.is_sweep_override():
                later.append({rest[0]: None} if rest else override.value())
        return {str(name) for written in later if isinstance(written, dict) for name in written}

    def content(self, position: int) -> dict[str, Any]:
        """What the config at `position` of the merged ones holds, at its final place; interpolations as written."""
        return self.source(position).values

    def source(self, position: int) -> Source:
        """The config at `position` of the merged ones."""
        default = self.merged[position]
        key = (str(default.config_path), default.package or "")
        if key not in self._sources:
            self._sources[key] = self._source(*key)
        return self._sources[key]

    def _source(self, path: str, package: str) -> Source:
        found = self.used.load_config(path)
        assert found is not None
        content: Any = OmegaConf.to_container(found.config, resolve=False)
        content = content if isinstance(content, dict) else {}
        values = {str(name): value for name, value in content.items() if name not in ("defaults", "hydra")}
        prefix: Key = tuple(part for part in package.split(".") if part)
        for part in reversed(prefix):
            values = {str(part): values}
        scheme, _, folder = found.path.partition("://")
        file = Path(folder) / f"{path}.yaml"
        if scheme not in ("file", PrimarySource.scheme()) or not file.is_file():
            return Source(path, values, generated=scheme == RegistrySource.scheme())
        return Source(path, values, short_path(file), lines_of(file.read_text(encoding="utf-8"), prefix), prefix)


def without_hydra(config: DictConfig) -> dict[str, Any]:
    """A plain copy of a composed config without Hydra's own part; interpolations stay as they are written."""
    plain: dict[str, Any] = {}
    for key in config:
        if key != "hydra":
            node: Any = config._get_node(key)
            plain[str(key)] = OmegaConf.to_container(node) if OmegaConf.is_config(node) else node._value()
    return plain


def make_loader(config_dir: Path | None = None, any_name: bool = False) -> Loader:
    """A loader over the built-in configs, those of plugins, the user's `./conf`, and `config_dir`.

    A file wins over an option from a registry, a user's file over a plugin's, a plugin's over a built-in one.
    """
    prepare_hydra()
    path = create_config_search_path(None)
    anchor = SearchPathQuery(provider="schema")
    path.prepend("main", f"{PrimarySource.scheme()}://{primary_folder()}", anchor)
    folders = [
        (FROM_COMMAND_LINE, config_dir and config_dir.absolute()),
        ("user", user_folder()),
        *(("plugin", d) for d in plugin_folders()),
    ]
    for provider, folder in folders:
        if folder is not None:
            path.prepend(provider, f"file://{folder}", anchor)
    path.prepend("registries", ANY_NAME if any_name else REGISTRIES, anchor)
    return Loader(path)


def prepare_hydra() -> None:
    """Set up what Hydra and our configs need in this process: version base, resolvers, config sources."""
    if version.getbase() is None:
        version.setbase(VERSION_BASE)
    setup_globals()
    OmegaConf.register_new_resolver("pid", os.getpid, use_cache=True, replace=True)
    register_sources()


def user_folder() -> Path | None:
    """The folder `conf` of the working directory, if it is there."""
    folder = Path.cwd() / "conf"
    return folder if folder.is_dir() else None


def plugin_folders() -> list[Path]:
    """The plugins' config folders, those loaded last first."""
    return [folder.absolute() for folder in reversed(plugins.current().config_dirs) if folder.is_dir()]


def primary_folder() -> Path:
    """The folder with the primary config.

    Raises: PluginError if no plugin has one.
    """
    for folder in plugins.current().config_dirs:
        if (folder / f"{PRIMARY}.yaml").is_file():
            return folder.absolute()
    raise PluginError(f"no plugin brings the primary config {PRIMARY}.yaml; is kexp installed whole?")
