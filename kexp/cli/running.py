"""A run: options, the check before anything starts, and the hand-over to Hydra."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from hydra._internal.callbacks import Callbacks
from hydra._internal.hydra import Hydra
from hydra._internal.utils import get_args_parser
from hydra.core.global_hydra import GlobalHydra
from hydra.core.utils import JobStatus, run_job
from hydra.errors import HydraException
from hydra.types import HydraContext, RunMode, TaskFunction

from kexp import plugins
from kexp.cli.words import CommandError
from kexp.config.loading import make_loader
from kexp.config.options import PRIMARY
from kexp.config.requests import Request, request
from kexp.config.sweeps import sweep
from kexp.errors import ConfigError, nearest

NOT_OURS = {
    "config_path": "--config-path: the primary config is kexp's own. Add a folder with --config-dir DIR, or use ./conf",
    "config_name": "--config-name: the primary config is kexp's own. Choose yours with +experiment=NAME",
    "experimental_rerun": "--experimental-rerun is not supported here",
}


def run(arguments: Sequence[str]) -> int:
    """Run what the command line says; the exit code."""
    options = parse_options(arguments)
    wanted, multirun = ask(options)
    note_plugin_problems()
    note_user_config()
    hydra = _hydra(options.config_dir)
    try:
        if options.cfg or options.info or options.hydra_help or options.shell_completion:
            return _inspect(hydra, options, wanted)
        if wanted.prepared.problems:
            raise ConfigError(wanted.prepared.problems)
        from kexp.cli.job import task  # brings the models and the training loop, which a config error need not wait for

        if multirun:
            _multirun(hydra, task, wanted.overrides)
        else:
            _single(hydra, task, wanted.overrides)
        return 0
    finally:
        GlobalHydra.instance().clear()


def ask(options: argparse.Namespace) -> tuple[Request, bool]:
    """What the options ask for, composed and checked; and whether it is a sweep."""
    overrides = [*options.overrides]
    folder = Path(options.config_dir) if options.config_dir else None
    if options.multirun:
        return sweep([*overrides, "hydra.mode=MULTIRUN"], folder), True
    wanted = request(overrides, folder)
    if wanted.hydra is not None and wanted.hydra.hydra.mode == RunMode.MULTIRUN:
        return sweep(overrides, folder), True
    return wanted, False


class Parser(argparse.ArgumentParser):
    """Hydra's options, with our words for mistakes."""

    def error(self, message: str) -> NoReturn:
        """Raise CommandError."""
        raise CommandError(message)


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Options and overrides of a command line.

    Raises: CommandError for what is neither.
    """
    parser = get_args_parser()
    parser.__class__ = Parser
    options, rest = parser.parse_known_intermixed_args(list(arguments))
    if rest:
        raise CommandError(_unknown_option(rest[0], parser))
    for name, text in NOT_OURS.items():
        if getattr(options, name) is not None:
            raise CommandError(text)
    _check_words(options.overrides)
    if options.config_dir is not None and not Path(options.config_dir).is_dir():
        raise CommandError(f"--config-dir: no such folder: {Path(options.config_dir).absolute()}")
    if options.resolve and not options.cfg:
        raise CommandError("--resolve goes with --cfg")
    return options


def _unknown_option(text: str, parser: argparse.ArgumentParser) -> str:
    name, _, value = text.lstrip("-").partition("=")
    if re.fullmatch(r"[a-z_]\w*(\.\w+)*", name) and (value or name not in ("m", "c")):
        known = [flag for action in parser._actions for flag in action.option_strings]
        near = nearest(text, known)
        hint = f" Did you mean {near}?" if near and not value else ""
        plus = "+" if name == "experiment" else ""
        setting = f"{plus}{name}={value or 'VALUE'}"
        return f"no option {text.partition('=')[0]}.{hint} Settings are written without dashes: {setting}"
    return f"no option {text}"


def _check_words(overrides: Sequence[str]) -> None:
    """Say plainly what is wrong with words that are no settings at all."""
    for position, text in enumerate(overrides):
        after = overrides[position + 1] if position + 1 < len(overrides) else ""
        if text == "=" and position:
            raise CommandError(f"write a setting without spaces around '=': {overrides[position - 1]}={after}")
        if text.endswith("=") and after and "=" not in after:
            raise CommandError(f"write a setting without spaces around '=': {text}{after}")
        if "=" not in text and not text.startswith("~") and not after.startswith("="):
            raise CommandError(f"{text!r} is no setting; a setting has the form key=value")
        if "=" not in text and after.startswith("=") and after != "=":
            raise CommandError(f"write a setting without spaces around '=': {text}{after}")


def note_plugin_problems() -> None:
    """Say on stderr which plugins have problems; they do not stop a run."""
    for problem in plugins.current().problems():
        print(f"note: {problem}", file=sys.stderr)


def note_user_config() -> None:
    """Say that a primary config of the user's own is not read."""
    own = Path.cwd() / "conf" / f"{PRIMARY}.yaml"
    ours = [folder / f"{PRIMARY}.yaml" for folder in plugins.current().config_dirs]
    if own.is_file() and not any(own.samefile(file) for file in ours if file.is_file()):
        print(
            f"note: conf/{PRIMARY}.yaml is not read, the primary config is kexp's own. "
            "Put your settings into conf/experiment/NAME.yaml and run +experiment=NAME",
            file=sys.stderr,
        )


def _hydra(config_dir: str | None) -> Hydra:
    GlobalHydra.instance().clear()
    hydra = Hydra(task_name="kexp", config_loader=make_loader(Path(config_dir) if config_dir else None))
    GlobalHydra.instance().initialize(hydra)
    return hydra


def _inspect(hydra: Hydra, options: argparse.Namespace, wanted: Request) -> int:
    """Hydra's own views of a config, of which only composition must have worked."""
    if wanted.hydra is None or wanted.composition:
        raise ConfigError(wanted.composition or wanted.prepared.problems)
    parser = get_args_parser()
    try:
        if options.cfg:
            hydra.show_cfg(PRIMARY, wanted.overrides, options.cfg, options.package, options.resolve)
        elif options.info:
            hydra.show_info(options.info, PRIMARY, wanted.overrides)
        elif options.hydra_help:
            options.overrides = []  # Hydra composes its own part alone for this
            hydra.hydra_help(PRIMARY, parser, options)
        else:
            hydra.shell_completion(PRIMARY, wanted.overrides)
    except (HydraException, ValueError) as error:
        raise CommandError(str(error)) from error
    return 0


def _single(hydra: Hydra, task: TaskFunction, overrides: list[str]) -> None:
    """One job, as Hydra runs it, except that its error is raised as it is."""
    config = hydra.compose_config(PRIMARY, overrides, run_mode=RunMode.RUN, with_log_configuration=True)
    config.hydra.mode = RunMode.RUN
    callbacks = Callbacks(config)
    callbacks.on_run_start(config=config, config_name=PRIMARY)
    context = HydraContext(config_loader=hydra.config_loader, callbacks=callbacks)
    result = run_job(task, config, "hydra.run.dir", None, context)
    callbacks.on_run_end(config=config, config_name=PRIMARY, job_return=result)
    if result.status is JobStatus.FAILED:
        raise result._return_value


def _multirun(hydra: Hydra, task: TaskFunction, overrides: list[str]) -> None:
    try:
        hydra.multirun(PRIMARY, task, overrides)
    except HydraException as error:
        raise CommandError(str(error)) from error
