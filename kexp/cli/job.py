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

from kexp.cli.words import debugging, words_of
from kexp.config.composing import as_given
from kexp.config.diagnosis import parse
from kexp.config.loading import FROM_COMMAND_LINE, prepare_hydra
from kexp.config.preparing import prepare
from kexp.config.requests import load_plugins
from kexp.config.sources import Given, Sources
from kexp.run import run

prepare_hydra()  # in a launcher's process, importing the task is all that happens before configs are resolved


def task(config: DictConfig) -> None:
    """Check the config once more and run it; a job of a sweep says at once what went wrong in it."""
    hydra = HydraConfig.get()
    overrides = [str(text) for text in hydra.overrides.task]
    folder = Path(hydra.runtime.output_dir)
    try:
        plain: Any = OmegaConf.to_container(config, resolve=True)
        load_plugins(name for name in plain.get("plugins") or [] if isinstance(name, str))
        sources = Sources(chosen=dict(hydra.runtime.choices), given=given(overrides))
        run(prepare(plain, sources).usable(), run_dir=folder, run_name=run_name(overrides), tags=tags(hydra, overrides))
    except Exception as error:
        error.run_dir = str(folder)  # type: ignore[attr-defined]  # read where it is reported
        if hydra.mode == RunMode.MULTIRUN and not debugging():
            print(f"error: job {hydra.job.num} ({' '.join(overrides)}): {words_of(error)}", file=sys.stderr, flush=True)
            error.reported = True  # type: ignore[attr-defined]
        raise


def run_name(overrides: Sequence[str]) -> str | None:
    """What sets this run apart from others of its experiment: the overrides but the choice of experiment."""
    return ", ".join(text for text in overrides if not text.startswith("+experiment=")) or None


def tags(hydra: Any, overrides: list[str]) -> dict[str, str]:
    """What the run's record says of how it was started."""
    sources = hydra.runtime.config_sources
    folders = [f"--config-dir={source.path}" for source in sources if source.provider == FROM_COMMAND_LINE]
    command = shlex.join(["python", "-m", "kexp", *folders, *overrides])
    found = {"kexp.overrides": " ".join(overrides), "kexp.command": command}
    if hydra.mode == RunMode.MULTIRUN:
        found |= {"kexp.sweep": str(Path(hydra.sweep.dir).absolute()), "kexp.job": str(hydra.job.num)}
    return found


def given(overrides: Sequence[str]) -> list[Given]:
    """The overrides, so that a mistake can be told with the one that made it."""
    parsed = [override for text in overrides if isinstance(override := parse(text), Override)]
    return [as_given(override) for override in parsed]
