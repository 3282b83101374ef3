"""Stores that are new, away, broken, or behind a server; and no store at all."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kexp.errors import PluginError
from kexp.tracking.mlflow_tracker import MlflowTracker


def test_server_that_is_away_costs_the_run_nothing(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    report = lab.finished("http://me:secret@127.0.0.1:9")
    assert not report.ok
    assert report.text.startswith("MLflow (http://me:***@127.0.0.1:9) has not taken all of the run: MlflowException: ")
    assert report.text.endswith(f"\nWhat could not be sent lies in {lab.folder}/run/tracking.jsonl.")
    assert "secret" not in report.text
    assert lab.journal() == ["start", "metrics", "finish"]


def test_broken_database_costs_the_run_nothing(lab: Any) -> None:
    (lab.folder / "mlflow.db").write_bytes(b"this is no database " * 1000)
    report = lab.finished()
    assert report.text == (
        f"MLflow (sqlite:///mlflow.db) has not taken all of the run: {lab.folder}/mlflow.db is no SQLite "
        "database (file is not a database). Move it away, or name another store.\n"
        f"What could not be sent lies in {lab.folder}/run/tracking.jsonl."
    )
    assert lab.journal() == ["start", "metrics", "finish"]


@pytest.mark.slow
def test_server_records_runs_and_artifacts(lab: Any, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    host, port = address.split(":")
    command = [sys.executable, "-m", "mlflow", "server", "--host", host, "--port", port, "--workers", "1"]
    with (lab.folder / "server.log").open("wb") as log:
        quick = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # else seven more processes import mlflow
        server = subprocess.Popen(command, cwd=lab.folder, stdout=log, stderr=log, env=quick, start_new_session=True)
    try:
        lab.until(lambda: server.poll() is not None or answers(f"http://{address}/health"), 180)
        tracker = MlflowTracker(f"http://{address}")
        tracker.start(lab.folder / "run", **lab.start)
        for epoch in range(1500):
            tracker.log_metrics({"loss": epoch}, epoch)
        tracker.log_artifact(lab.folder / "server.log", "logs")
        report = tracker.finish("FAILED", "boom")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
    (run,) = lab.runs()
    assert report.ok, report.text
    assert report.text.endswith(
        f"\nSee it: http://{address}/#/experiments/{run.info.experiment_id}/runs/{run.info.run_id}"
        "?workflowType=machine_learning"
    )
    assert (run.info.status, run.data.metrics, run.data.params) == ("FAILED", {"loss": 1499.0}, {"seed": "7"})
    artifacts = lab.folder / "mlartifacts" / run.info.experiment_id / run.info.run_id / "artifacts"
    assert sorted(path.name for path in artifacts.rglob("*")) == ["error.txt", "logs", "server.log"]


def test_full_disk_costs_the_run_nothing(
    lab: Any, stand_in: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    stand_in("exit 0")
    monkeypatch.setattr("kexp.tracking.journal.JournalWriter.append", full)
    report = lab.finished()
    assert f"The journal {lab.folder}/run/tracking.jsonl could not be written: [Errno 28] No space left" in report.text


@pytest.mark.slow
def test_first_starts_at_once_make_one_store(lab: Any) -> None:
    (lab.folder / "mlflow.db").unlink()
    trackers = [MlflowTracker(experiment="same") for _ in range(4)]
    for number, tracker in enumerate(trackers):
        tracker.start(lab.folder / f"run{number}", **lab.start)
    reports = [tracker.finish("FINISHED") for tracker in trackers]
    assert [report.ok for report in reports] == [True] * 4
    assert {run.info.run_id for run in lab.runs("same")} == {report.run_id for report in reports}
    assert sorted(path.name for path in lab.folder.glob("*mlflow.db*")) == ["mlflow.db", "mlflow.db.lock"]


def test_missing_mlflow_is_told_before_the_training(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(PluginError) as caught:
        MlflowTracker().start(lab.folder / "run", **lab.start)
    assert str(caught.value) == (
        "tracking=mlflow needs mlflow, which is not installed.\nRun pip install mlflow, or take tracking=none."
    )


def test_tracker_none_keeps_nothing_and_imports_nothing(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from kexp_plugins.trackers.none import NullTracker
tracker = NullTracker()
tracker.start(Path("run"), experiment="xor", run_name="first", tags={}, params={})
tracker.log_metrics({"loss": 1.0}, 0)
tracker.log_tags({"a": "b"})
tracker.log_artifact(Path("x"))
print(tracker.finish("FINISHED").text, [name for name in ("mlflow", "subprocess") if name in sys.modules])
"""
    output = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert output.stdout == "The run was not recorded (tracking=none). []\n"
    assert list(tmp_path.iterdir()) == []


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
