"""run(): one experiment from config to result, and how its record ends."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml

from kexp import plugins
from kexp.config import compose
from kexp.core.callback import Callback
from kexp.core.tracker import Status, Tracker, TrackingReport
from kexp.errors import ConfigError
from kexp.hookspecs import hookimpl
from kexp.run import run


class MemoryTracker(Tracker):
    """Keeps what it is told."""

    last: MemoryTracker

    def start(
        self, run_dir: Path, *, experiment: str, run_name: str, tags: Mapping[str, str], params: Mapping[str, Any]
    ) -> None:
        MemoryTracker.last = self
        self.experiment, self.tags, self.params = experiment, tags, params
        self.metrics: list[tuple[int, dict[str, float]]] = []
        self.artifacts: list[str] = []
        self.data: dict[tuple[str, str], Mapping[str, object]] = {}

    def log_metrics(self, metrics: Mapping[str, float], step: int) -> None:
        self.metrics.append((step, dict(metrics)))

    def log_data(self, name: str, context: str, description: Mapping[str, object]) -> None:
        self.data[name, context] = description

    def log_artifact(self, path: Path, folder: str = "") -> None:
        assert path.exists()
        self.artifacts.append(path.name)

    def finish(self, status: Status, error: str | None = None) -> TrackingReport:
        self.status, self.error = status, error
        return TrackingReport(True, "kept in memory")


class Break(Callback):
    """Raises in an epoch."""

    def __init__(self, epoch: int = 1, interrupt: bool = False) -> None:
        self.epoch, self.interrupt = epoch, interrupt

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.epoch:
            raise KeyboardInterrupt if self.interrupt else RuntimeError("the disk is full of eels")


@hookimpl
def kexp_trackers() -> dict[str, type[Tracker]]:
    return {"memory": MemoryTracker}


@hookimpl
def kexp_callbacks() -> dict[str, type[Callback]]:
    return {"break": Break}


@pytest.fixture(autouse=True)
def with_our_plugin() -> Any:
    here = SimpleNamespace(__name__="here", kexp_trackers=kexp_trackers, kexp_callbacks=kexp_callbacks)
    with plugins.using(plugins.with_modules(here)):
        yield


def short(*overrides: str) -> dict[str, Any]:
    return compose(["+experiment=xor", "fit.epochs=3", "tracking=memory", *overrides])


def test_a_run_leaves_its_config_history_summary_and_plot(tmp_path: Path) -> None:
    result = run(short(), run_dir=tmp_path / "r", console=False)
    files = {"config.yaml", "data.json", "history.csv", "history.png", "model", "summary.txt"}
    assert {path.name for path in (tmp_path / "r").iterdir()} == files
    rows = list(csv.DictReader((tmp_path / "r" / "history.csv").open()))
    assert [float(row["loss"]) for row in rows] == result.history["loss"]
    assert (tmp_path / "r" / "history.png").read_bytes().startswith(b"\x89PNG")
    assert "Total params: 65" in (tmp_path / "r" / "summary.txt").read_text()


def test_the_config_that_is_kept_repeats_the_run_to_the_byte(tmp_path: Path) -> None:
    first = run(short("seed=5"), run_dir=tmp_path / "1", console=False)
    kept = yaml.safe_load((tmp_path / "1" / "config.yaml").read_text())
    again = run(kept, run_dir=tmp_path / "2", console=False)
    assert first.model is not None and again.model is not None
    assert all(np.array_equal(a, b) for a, b in zip(first.model.get_weights(), again.model.get_weights(), strict=True))
    assert first.history == again.history


def test_a_run_without_a_seed_keeps_the_one_it_drew(tmp_path: Path) -> None:
    first = run(short("seed=null"), run_dir=tmp_path / "1", console=False)
    kept = yaml.safe_load((tmp_path / "1" / "config.yaml").read_text())
    assert isinstance(kept["seed"], int)
    assert run(kept, run_dir=tmp_path / "2", console=False).history == first.history


def test_the_tracker_gets_params_metrics_by_epoch_tags_and_files(tmp_path: Path) -> None:
    result = run(short(), run_dir=tmp_path, tags={"kexp.command": "python -m kexp"}, console=False)
    kept = MemoryTracker.last
    assert kept.experiment == "xor"
    assert kept.params["fit.epochs"] == 3
    assert kept.params["model.layers.hidden_1.units"] == 8
    assert [step for step, values in kept.metrics if "loss" in values] == [0, 1, 2]
    assert kept.metrics[-1] == (2, {f"final/{name}": value for name, value in result.metrics.items()})
    assert {"config.yaml", "summary.txt", "history.csv", "history.png"} <= set(kept.artifacts)
    assert kept.tags["kexp.command"] == "python -m kexp"
    assert {"kexp.version", "python.version", "numpy.version"} <= set(kept.tags)
    assert kept.status == "FINISHED"


def test_the_final_metrics_are_exactly_the_last_validation(tmp_path: Path) -> None:
    config = compose(["+experiment=digits_mlp", "fit.epochs=2", "fit.validation_data=test", "tracking=none"])
    result = run(config, run_dir=tmp_path, console=False)
    assert result.evaluated == "test"
    assert result.metrics == {k[4:]: v[-1] for k, v in result.history.items() if k.startswith("val_")}


def test_an_error_ends_the_record_as_failed_with_its_traceback(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="eels"):
        run(short("+callbacks.break.epoch=1"), run_dir=tmp_path, console=False)
    assert MemoryTracker.last.status == "FAILED"
    assert "the disk is full of eels" in str(MemoryTracker.last.error)
    assert "the disk is full of eels" in (tmp_path / "error.txt").read_text()


def test_an_interrupt_ends_the_record_as_killed(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(short("+callbacks.break.interrupt=true"), run_dir=tmp_path, console=False)
    assert MemoryTracker.last.status == "KILLED"
    assert MemoryTracker.last.error == "interrupted from the keyboard"


def test_a_wrong_config_stops_before_anything_is_written(tmp_path: Path) -> None:
    config = short() | {"loss": "mean_squared_eror"}
    with pytest.raises(ConfigError, match="Did you mean 'mean_squared_error'"):
        run(config, run_dir=tmp_path / "never", console=False)
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize("number, code", [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_signal_ends_the_mlflow_run_as_killed(tmp_path: Path, number: int, code: int) -> None:
    command = [sys.executable, "-m", "kexp", "+experiment=xor", "fit.epochs=100000000", "fit.verbose=2"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "Epoch" in line:
            break
    os.kill(process.pid, number)
    rest = process.communicate(timeout=120)[0]
    assert process.returncode == code, rest
    assert "Traceback" not in rest
    assert statuses(tmp_path) == ["KILLED"]


def test_kill_minus_nine_leaves_no_running_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kexp", "+experiment=xor", "fit.epochs=100000000", "fit.verbose=2"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "Epoch" in line:
            break
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 120
    while (found := statuses(tmp_path)) != ["KILLED"]:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def statuses(folder: Path) -> list[str]:
    """The status of every run in the folder's MLflow store."""
    import sqlite3

    store = folder / "mlflow.db"
    if not store.exists():
        return []
    with sqlite3.connect(store) as connection:
        return [row[0] for row in connection.execute("select status from runs")]
