"""`python -m kexp check SETTINGS`: what is wrong with a config, or what would run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kexp.cli.running import ask, note_plugin_problems, note_user_config, parse_options
from kexp.errors import ConfigError


def check(arguments: Sequence[str]) -> int:
    """Print what would run; nothing is read or written.

    Raises: ConfigError with all mistakes.
    """
    wanted, multirun = ask(parse_options(arguments))
    note_plugin_problems()
    note_user_config()
    if wanted.prepared.problems:
        raise ConfigError(wanted.prepared.problems)
    print("ok")
    for name, text in summary(wanted.prepared.config).items():
        print(f"  {name:<10} {text}")
    if multirun:
        print(f"  {'jobs':<10} {wanted.jobs}")
    return 0


def summary(config: Mapping[str, Any]) -> dict[str, str]:
    """What a config would run, a line for each part."""
    layers = config["model"]["layers"]
    fit = config["fit"]
    return {
        "name": config["name"] or "default",
        "model": f"{config['model']['type']}: "
        + ", ".join(_named(name, spec["type"]) for name, spec in layers.items()),
        "dataset": _with_arguments(config["dataset"]),
        **({"split": _with_arguments(config["split"])} if config["split"] else {}),
        **{
            group: ", ".join(_named(name, spec["type"]) for name, spec in config[group].items())
            for group in ("pipeline", "target_pipeline")
            if config[group]
        },
        "optimizer": _with_arguments(config["optimizer"]),
        "loss": str(config["loss"] if isinstance(config["loss"], str) else _with_arguments(config["loss"])),
        "metrics": ", ".join(m if isinstance(m, str) else m["type"] for m in config["metrics"]) or "none",
        "callbacks": ", ".join(_named(name, spec["type"]) for name, spec in config["callbacks"].items()) or "none",
        "fit": f"{fit.get('epochs', 1)} epochs, batches of {fit.get('batch_size', 32)}, seed {_seed(config['seed'])}",
        "backend": f"{config['backend']['type']}, {config['floatx']}",
        "tracking": config["tracking"]["type"],
    }


def _named(name: str, kind: str) -> str:
    return name if name == kind else f"{name} ({kind})"


def _with_arguments(spec: Mapping[str, Any]) -> str:
    given = ", ".join(f"{name}={value}" for name, value in spec.items() if name != "type" and value is not None)
    return f"{spec['type']}({given})"


def _seed(seed: int | None) -> str:
    return "new" if seed is None else str(seed)
