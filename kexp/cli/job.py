"""One job: the task that Hydra, or a launcher in another process, calls with the composed config."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from kexp.cli.words import debugging
from kexp.config.composing import as_given
from kexp.config.diagnosis import parse
from kexp.config.loading import prepare_hydra
from kexp.config.preparing import prepare
from kexp.config.requests import load_plugins
from kexp.config.sources import Given, Sources
from kexp.errors import KexpError
from kexp.run import run

prepare_hydra()  # in a launcher's process, importing the task is all that happens before configs are resolved


def task(config: DictConfig) -> None:
    """Check the config once more and run it."""
    hydra = HydraConfig.get()
    overrides = [str(text) for text in hydra.overrides.task]
    try:
        plain: Any = OmegaConf.to_container(config, resolve=True)
        load_plugins(plain.get("plugins") or [])
        sources = Sources(chosen=dict(hydra.runtime.choices), given=given(overrides))
        run(prepare(plain, sources).usable(), run_dir=Path(hydra.runtime.output_dir), tags=tags(hydra, overrides))
    except KexpError as error:
        if hydra.mode == RunMode.MULTIRUN and not debugging():
            print(f"error: job {hydra.job.num} ({' '.join(overrides)}): {error}", file=sys.stderr, flush=True)
            error.reported = True  # type: ignore[attr-defined]
        raise


def tags(hydra: Any, overrides: list[str]) -> dict[str, str]:
    """What the run's record says of how it was started."""
    found = {"kexp.overrides": " ".join(overrides), "kexp.command": shlex.join(["python", "-m", "kexp", *overrides])}
    if hydra.mode == RunMode.MULTIRUN:
        found |= {"kexp.sweep": str(Path(hydra.sweep.dir).absolute()), "kexp.job": str(hydra.job.num)}
    return found


def given(overrides: Sequence[str]) -> list[Given]:
    """The overrides, so that a mistake can be told with the one that made it."""
    parsed = [override for text in overrides if isinstance(override := parse(text), Override)]
    return [as_given(override) for override in parsed]
