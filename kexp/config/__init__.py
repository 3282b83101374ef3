"""Configs: composing, checking and building them; and Keras' global settings.

Importing this package is light; Hydra and pydantic come with the first config.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kexp.backend.settings import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    set_backend,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from kexp.errors import Problem

if TYPE_CHECKING:
    from kexp.config.building import Experiment
    from kexp.config.sources import Sources


def compose(overrides: Sequence[str] = (), config_dir: Path | str | None = None) -> dict[str, Any]:
    """The config that `python -m kexp OVERRIDES` would run: composed, checked, plain.

    >>> config = compose(["+experiment=xor", "fit.epochs=3"])
    >>> config["fit"]["epochs"], list(config["model"]["layers"])
    (3, ['hidden_1', 'hidden_2', 'output'])

    Raises: ConfigError with all mistakes at once.
    """
    from kexp.config.requests import request

    return request(overrides, Path(config_dir) if config_dir is not None else None).prepared.usable()


def validate(config: Mapping[str, Any], where: Sources | None = None) -> list[Problem]:
    """All mistakes in a config, none if it can run; keys that are not given have their defaults."""
    from kexp.config.preparing import validate as check

    return check(config, where)


def build(config: Mapping[str, Any]) -> Experiment:
    """The model, data set, optimizer and all else that a config names.

    Raises: ConfigError with all mistakes at once.
    """
    from kexp.config.building import build as make

    return make(config)


def to_yaml(config: Mapping[str, Any]) -> str:
    """A config as YAML, keys in their order; Hydra and this package read it back as it was.

    >>> print(to_yaml({"fit": {"epochs": 3, "shuffle": True}, "metrics": ["mae"]}), end="")
    fit:
      epochs: 3
      shuffle: true
    metrics:
    - mae
    """
    from omegaconf import OmegaConf

    return str(OmegaConf.to_yaml(OmegaConf.create(dict(config))))


def __getattr__(name: str) -> Any:
    if name == "Experiment":  # brings the models along
        from kexp.config.building import Experiment

        return Experiment
    raise AttributeError(f"module 'kexp.config' has no attribute {name!r}")


__all__ = [
    "Experiment",
    "backend",
    "build",
    "compose",
    "epsilon",
    "floatx",
    "image_data_format",
    "set_backend",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "to_yaml",
    "validate",
]
