"""One empty store for all tests (MLflow needs seconds to make it); each test copies it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kexp.tracking.journal import JOURNAL_NAME
from kexp.tracking.mlflow_tracker import MlflowTracker, _Recording


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from kexp.tracking.sender import connect
    from kexp.tracking.uri import sqlite_uri

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
