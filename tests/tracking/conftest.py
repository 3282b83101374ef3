"""One empty store for all tests (MLflow needs seconds to make it); each test copies it."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mlflow.entities import Run
from mlflow.tracking import MlflowClient

from kexp.core.tracker import TrackingReport
from kexp.tracking.journal import JOURNAL_NAME, JournalReader
from kexp.tracking.mlflow_tracker import MlflowTracker, _Recording
from kexp.tracking.sender import connect
from kexp.tracking.uri import sqlite_uri


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("store") / "mlflow.db"
    connect(sqlite_uri(database))
    return database


@pytest.fixture
def folder(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with an empty store in its mlflow.db."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    return tmp_path


@pytest.fixture
def record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Writes the journal of a run that nobody sends; gives its path."""
    monkeypatch.setattr(_Recording, "spawn", lambda recording: None)

    def write(
        script: Callable[[MlflowTracker], object] = lambda tracker: tracker.finish("FINISHED"),
        run: str = "run",
        **start: object,
    ) -> Path:
        tracker = MlflowTracker()
        tracker.start(folder / run, **{"experiment": "xor", "run_name": "first", "tags": {}, "params": {}, **start})  # type: ignore[arg-type]
        script(tracker)
        return folder / run / JOURNAL_NAME

    yield write


@dataclass
class Lab:
    """A working directory, and what its store and its one run's journal hold."""

    folder: Path
    start: dict[str, Any]

    @property
    def client(self) -> MlflowClient:
        return MlflowClient(f"sqlite:///{self.folder}/mlflow.db")

    def runs(self, experiment: str = "xor") -> list[Run]:
        found = self.client.get_experiment_by_name(experiment)
        return list(self.client.search_runs([found.experiment_id])) if found else []

    def history(self, run: Run, name: str) -> list[tuple[int, float]]:
        return [(m.step, m.value) for m in self.client.get_metric_history(run.info.run_id, name)]

    def journal(self) -> list[str]:
        return [event.op for event in JournalReader(self.folder / "run" / JOURNAL_NAME).read_new()]

    def finished(self, uri: str | None = None, wait_s: float = 120.0) -> TrackingReport:
        """A whole run with one metric."""
        tracker = MlflowTracker(uri, wait_s=wait_s)
        tracker.start(self.folder / "run", **self.start)
        tracker.log_metrics({"loss": 1.0}, 0)
        return tracker.finish("FINISHED")

    def until(self, true: Callable[[], Any], deadline_s: float = 60.0) -> Any:
        deadline = time.monotonic() + deadline_s
        while not (value := true()):
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)
        return value


@pytest.fixture
def lab(folder: Path) -> Lab:
    return Lab(folder, {"experiment": "xor", "run_name": "first", "tags": {"by": "test"}, "params": {"seed": 7}})


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts a shell command in the place of the process that writes to MLflow."""
    started: list[subprocess.Popen[bytes]] = []

    def use(command: str) -> None:
        def spawn(recording: _Recording) -> None:
            pipe = subprocess.PIPE
            recording._process = subprocess.Popen(["sh", "-c", command], bufsize=0, stdin=pipe, stdout=pipe)
            started.append(recording._process)

        monkeypatch.setattr(_Recording, "spawn", spawn)

    yield use
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
