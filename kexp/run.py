"""One experiment, from its config to its result; no Hydra in sight, so it runs from a test or a notebook too."""

from __future__ import annotations

import json
import platform
import secrets
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version as version_of
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from kexp import plugins
from kexp.config import Experiment, build, to_yaml
from kexp.core.callback import Callback, Logs
from kexp.core.dataset import Split
from kexp.core.tracker import Status, Tracker, TrackingReport
from kexp.data import class_labels, describe, form, part_of_split
from kexp.errors import ArgumentError
from kexp.models import Model
from kexp.models.preparation import training_rows
from kexp.tracking.flavor import write_folder
from kexp.tracking.plots import history_csv, history_plot
from kexp.version import __version__


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM, SIGHUP)."""


@dataclass
class Result:
    """What came out of a run.

    `metrics`: loss and metrics of the final evaluation, on the split `evaluated`. `history`: one list an epoch value.
    """

    run_dir: Path
    metrics: dict[str, float] = field(default_factory=dict)
    evaluated: str = ""
    history: dict[str, list[float]] = field(default_factory=dict)
    model: Model | None = None
    tracking: TrackingReport | None = None


def run(
    config: Mapping[str, Any],
    *,
    run_dir: str | Path | None = None,
    run_name: str | None = None,
    tags: Mapping[str, str] | None = None,
    console: bool = True,
) -> Result:
    """Run the experiment that `config` describes, and record it.

    Files go to `run_dir` (by default a new folder below ./runs). Whatever happens, the record ends: as FINISHED, as
    FAILED with the traceback, or as KILLED when the process is interrupted.
    Raises: ConfigError with all mistakes of the config, before any data are read.
    """
    if config.get("seed") is None:
        config = {**config, "seed": secrets.randbits(32)}  # drawn once and recorded, so that the run can be repeated
    experiment = build(config)
    folder = Path(run_dir) if run_dir is not None else Path("runs") / datetime.now().strftime("%Y-%m-%d/%H-%M-%S-%f")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(to_yaml(experiment.config), encoding="utf-8")
    result = Result(folder)
    say = print if console else _silent
    with _terminable():
        tracker = experiment.tracker
        tracker.start(
            folder,
            experiment=experiment.name,
            run_name=run_name or folder.name,
            tags=_tags() | dict(tags or {}),
            params=flatten(experiment.config),
        )
        tracker.log_artifact(folder / "config.yaml")
        status: Status = "FAILED"
        error: str | None = None
        try:
            _train(experiment, result, say)
            status = "FINISHED"
        except KeyboardInterrupt as reason:
            status = "KILLED"
            error = "ended by a signal" if isinstance(reason, Terminated) else "interrupted from the keyboard"
            raise
        except BaseException:
            error = traceback.format_exc()
            (folder / "error.txt").write_text(error, encoding="utf-8")
            raise
        finally:
            result.tracking = tracker.finish(status, error)
            say(f"\nRun folder: {folder}")
            if result.tracking.text:
                say(result.tracking.text)
    return result


def _train(experiment: Experiment, result: Result, say: Any) -> None:
    """Load, build, fit, evaluate; write the artifacts."""
    splits = load_splits(experiment)
    model, fit = experiment.model, dict(experiment.fit)
    result.model = model
    _record_data(splits, experiment, result)
    train = splits["train"]
    model.preparation.fit(train.x, train.y, fit["validation_split"])
    model.ensure_built(model.preparation.sample(train.x))
    summary: list[str] = []
    model.summary(print_fn=summary.append)
    say("\n".join(summary) + "\n")
    (result.run_dir / "summary.txt").write_text("\n".join(summary) + "\n", encoding="utf-8")
    experiment.tracker.log_artifact(result.run_dir / "summary.txt")
    model.compile(experiment.optimizer, experiment.loss, experiment.loss_weights, experiment.metrics)
    validation = fit.pop("validation_data", None)
    history = model.fit(
        train.x,
        train.y,
        sample_weight=train.sample_weight,
        validation_data=None if validation is None else _arguments(splits[validation]),
        callbacks=[*experiment.callbacks, _Recorder(experiment.tracker)],
        **(fit if say is not _silent else fit | {"verbose": 0}),
    )
    result.history = history.history
    _write_pipelines(experiment, result)
    _write_history(result, experiment.tracker)
    _write_model(experiment, result, train.x, say)
    result.evaluated = experiment.evaluate or ("test" if "test" in splits else validation or "train")
    split = splits[result.evaluated]
    batch_size = fit.get("validation_batch_size") or fit.get("batch_size")
    result.metrics = model.evaluate(
        split.x, split.y, batch_size=batch_size, sample_weight=split.sample_weight, verbose=0, return_dict=True
    )
    last = max(history.epoch, default=0)
    experiment.tracker.log_metrics({f"final/{name}": value for name, value in result.metrics.items()}, step=last)
    shown = "  ".join(f"{name}: {value:.4f}" for name, value in result.metrics.items())
    say(f"\nEvaluated on {result.evaluated!r} ({len(split)} samples)  {shown}")


def load_splits(experiment: Experiment) -> dict[str, Split]:
    """The data set's splits, its training part cut by the splitter, if there is one."""
    splits = experiment.dataset.load()
    if experiment.split is None:
        return splits
    whole = splits["train"]
    labels = class_labels(whole.y) if experiment.split.needs_labels else None
    rows = experiment.split.rows(len(whole), labels)
    return splits | {name: part_of_split(whole, chosen) for name, chosen in rows.items()}


def _record_data(splits: Mapping[str, Split], experiment: Experiment, result: Result) -> None:
    """Say what the run uses: rows, digests and the hash of the chosen rows of each split."""
    name = experiment.config["dataset"]["type"]
    parts = dict(splits)
    share = experiment.fit["validation_split"]
    if share:
        train = splits["train"]
        rows, at = np.arange(len(train)), training_rows(train.x, share)
        parts |= {"train": part_of_split(train, rows[:at]), "validation_split": part_of_split(train, rows[at:])}
    found = {split: describe(data) for split, data in parts.items()}
    for split, description in found.items():
        experiment.tracker.log_data(name, split, description)
    (result.run_dir / "data.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    experiment.tracker.log_artifact(result.run_dir / "data.json")


def _write_pipelines(experiment: Experiment, result: Result) -> None:
    model = experiment.model
    for name, pipeline in (("pipeline", model.pipeline), ("target_pipeline", model.target_pipeline)):
        if pipeline is not None:
            pipeline.save(result.run_dir / f"{name}.json")
            experiment.tracker.log_artifact(result.run_dir / f"{name}.json")


def _write_history(result: Result, tracker: Tracker) -> None:
    history_csv(result.history, result.run_dir / "history.csv")
    tracker.log_artifact(result.run_dir / "history.csv")
    if result.history:
        history_plot(result.history, result.run_dir / "history.png")
        tracker.log_artifact(result.run_dir / "history.png")


def _write_model(experiment: Experiment, result: Result, inputs: Any, say: Any) -> None:
    """The trained model as a folder; a model that no file can describe is told of, and the run goes on."""
    folder = result.run_dir / "model"
    try:
        write_folder(folder, experiment.model, form(inputs))
    except ArgumentError as error:
        say(f"\nThe model was not saved: {error}")
        return
    experiment.tracker.log_artifact(folder)


class _Recorder(Callback):
    """Hands the logs of each epoch to the tracker."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.tracker.log_metrics(logs or {}, step=epoch)


def flatten(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested maps and lists as one map with dotted keys.

    >>> flatten({"fit": {"epochs": 2}, "metrics": ["mae", "mse"]})
    {'fit.epochs': 2, 'metrics.0': 'mae', 'metrics.1': 'mse'}
    """
    flat: dict[str, Any] = {}
    for key, value in config.items():
        items = dict(enumerate(value)) if isinstance(value, list | tuple) else value
        if isinstance(items, Mapping) and items:
            flat |= flatten({str(k): v for k, v in items.items()}, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = items
    return flat


def _arguments(split: Split) -> tuple[Any, ...]:
    return (split.x, split.y) if split.sample_weight is None else (split.x, split.y, split.sample_weight)


def _tags() -> dict[str, str]:
    """Versions and the state of the code."""
    tags = {
        "kexp.version": __version__,
        "python.version": platform.python_version(),
        "numpy.version": version_of("numpy"),
    }
    for plugin in plugins.current().plugins:
        if plugin.version:
            tags[f"kexp.plugin.{plugin.name}"] = f"{plugin.source} {plugin.version}"
    return tags | _git_tags()


def _git_tags() -> dict[str, str]:
    """Commit and dirtiness of the working directory's repository; nothing where there is none."""
    commit = _git("rev-parse", "HEAD")
    if not commit:
        return {}
    return {"git.commit": commit, "git.dirty": "true" if _git("status", "--porcelain") else "false"}


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):  # no git, or a repository too slow to ask
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _silent(*_: Any, **__: Any) -> None:
    """Says nothing."""


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an exception, so that the record of the run ends."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        for wanted in signals:
            signal.signal(wanted, signal.SIG_IGN)  # a second one must not cost the record its end
        raise Terminated(signal.Signals(number).name)

    signals = [signal.SIGTERM] + ([signal.SIGHUP] if sys.platform != "win32" else [])
    before = {wanted: signal.signal(wanted, stop) for wanted in signals}
    try:
        yield
    finally:
        for wanted, handler in before.items():
            signal.signal(wanted, handler)
