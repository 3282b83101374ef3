"""The process beside the training: it ends every run, however the training ends, and costs the training nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow.entities import Run
from mlflow.tracking import MlflowClient

from kexp.core.tracker import TrackingReport
from kexp.errors import PluginError, StateError
from kexp.tracking.journal import JournalReader
from kexp.tracking.mlflow_tracker import MlflowTracker, _Recording

ROOT = Path(__file__).parents[2]
START = {"experiment": "xor", "run_name": "first", "tags": {"by": "test"}, "params": {"seed": 7}}
TRAINING = f"""
import os, sys, time
from pathlib import Path
from kexp.tracking.mlflow_tracker import MlflowTracker
where = Path(sys.argv[1])
tracker = MlflowTracker()
tracker.start(where, **{START!r})
def say(text):
    assert "mlflow" not in sys.modules, "the training imported mlflow"
    print(text, flush=True)
"""
ENDINGS = {
    "at_start": "say('now')\ntime.sleep(60)",
    "in_mid_run": "tracker.log_metrics({'loss': 1.0}, 0)\nsay(tracker.wait_for_run_id(60))\n"
    "tracker.log_metrics({'loss': 0.5}, 1)\nsay('now')\ntime.sleep(60)",
    "in_finish": "recording = tracker._recording\n"
    "wait = recording.wait\nrecording.wait = lambda wait_s: (say('now'), wait(wait_s))\n"
    "tracker.log_metrics({'loss': 1.0}, 0)\ntracker.finish('FINISHED')",
    "with_a_fork_left": "fork = os.fork()\nif not fork:\n    time.sleep(60)\nsay(fork)\nsay('now')\ntime.sleep(60)",
}


def client_of(folder: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{folder}/mlflow.db")


def runs_in(folder: Path, experiment: str = "xor") -> list[Run]:
    client = client_of(folder)
    found = client.get_experiment_by_name(experiment)
    return list(client.search_runs([found.experiment_id])) if found else []


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(true: Callable[[], Any], deadline_s: float = 60.0) -> Any:
    deadline = time.monotonic() + deadline_s
    while not (value := true()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return value


def kill_when_told(training: subprocess.Popen[str]) -> list[str]:
    assert training.stdout is not None
    said: list[str] = []
    for line in training.stdout:
        if line == "now\n":
            break
        said.append(line.strip())
    else:
        pytest.fail(f"the training ended too early: {said}")
    training.kill()
    training.wait()
    training.stdout.close()
    return said


def process_of(tracker: MlflowTracker) -> subprocess.Popen[bytes]:
    assert tracker._recording is not None
    assert tracker._recording._process is not None
    return tracker._recording._process


@pytest.fixture
def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
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
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def finished(folder: Path, uri: str | None = None, wait_s: float = 120.0) -> TrackingReport:
    tracker = MlflowTracker(uri, wait_s=wait_s)
    tracker.start(folder / "run", **START)
    tracker.log_metrics({"loss": 1.0}, 0)
    return tracker.finish("FINISHED")


def journal_of(folder: Path) -> list[str]:
    return [event.op for event in JournalReader(folder / "run" / "tracking.jsonl").read_new()]


def test_run_is_recorded_whatever_the_environment_names(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    other = client_of(folder).create_run("0", run_name="other").info.run_id
    for name in ("MLFLOW_RUN_ID", "MLFLOW_ACTIVE_MODEL_ID"):
        monkeypatch.setenv(name, other)
    for name in ("MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.setenv(name, "0")
    tracker = MlflowTracker()
    tracker.start(folder / "run", **START)
    for epoch in range(500):
        tracker.log_metrics({"loss": 1 / (epoch + 1), "accuracy": epoch / 500}, epoch)
    (folder / "run" / "config.yaml").write_text("seed: 7\n")
    tracker.log_artifact(folder / "run" / "config.yaml")
    report = tracker.finish("FINISHED")

    assert report.text == (
        f"MLflow run {str(report.run_id)[:8]}… in experiment xor (sqlite:///mlflow.db).\nSee it: mlflow ui"
    )
    assert (report.ok, report.uri) == (True, f"sqlite:///{folder}/mlflow.db")
    (run,) = runs_in(folder)
    assert (run.info.run_id, run.info.status, run.info.run_name) == (report.run_id, "FINISHED", "first")
    assert (run.data.params, run.data.tags["by"]) == ({"seed": "7"}, "test")
    history = client_of(folder).get_metric_history(run.info.run_id, "loss")
    assert [(m.step, m.value) for m in history] == [(epoch, 1 / (epoch + 1)) for epoch in range(500)]
    assert Path(run.info.artifact_uri, "config.yaml").read_text() == "seed: 7\n"
    assert client_of(folder).get_run(other).info.status == "RUNNING"
    assert tracker.finish("FAILED") is report
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_run_whose_training_is_killed_never_stays_running(folder: Path) -> None:
    trainings = {}
    for name, ending in ENDINGS.items():
        script = f"{TRAINING}{ending}\n".replace("'xor'", repr(name))
        command = [sys.executable, "-c", script, str(folder / name)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        trainings[name] = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
    said = {name: kill_when_told(training) for name, training in trainings.items()}
    until(lambda: all(any(run.info.status != "RUNNING" for run in runs_in(folder, name)) for name in trainings))
    os.kill(int(said["with_a_fork_left"][0]), signal.SIGKILL)
    ended = {name: runs_in(folder, name)[0] for name in trainings}
    reason = "the process ended without a word (killed?)"
    killed, in_finish = ("KILLED", reason), ("FINISHED", None)
    assert {name: (run.info.status, run.data.tags.get("kexp.end_reason")) for name, run in ended.items()} == {
        "at_start": killed,
        "in_mid_run": killed,
        "in_finish": in_finish,
        "with_a_fork_left": killed,
    }
    assert ended["in_mid_run"].info.run_id == said["in_mid_run"][0]
    assert all(run.data.params == {"seed": "7"} for run in ended.values())
    history = client_of(folder).get_metric_history(ended["in_mid_run"].info.run_id, "loss")
    assert [(m.step, m.value) for m in history] == [(0, 1.0), (1, 0.5)]


def test_process_lives_in_a_session_of_its_own(folder: Path, stand_in: Callable[[str], None]) -> None:
    tracker = MlflowTracker("http://127.0.0.1:9")
    tracker.start(folder / "run", **START)
    process = process_of(tracker)
    try:
        assert os.getsid(process.pid) == process.pid != os.getsid(0)
    finally:
        process.kill()
        stand_in("exit 0")
        tracker.finish("FINISHED")


def test_killed_process_is_started_again_and_goes_on_with_its_run(folder: Path) -> None:
    tracker = MlflowTracker()
    tracker.start(folder / "run", **START)
    tracker.log_metrics({"loss": 1.0}, 0)
    run_id = tracker.wait_for_run_id(60)
    process_of(tracker).kill()
    process_of(tracker).wait()
    tracker.log_metrics({"loss": 0.5}, 1)
    report = tracker.finish("FINISHED")
    assert (report.ok, report.run_id) == (True, run_id)
    (run,) = runs_in(folder)
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"loss": 0.5})


def test_process_that_is_killed_twice_is_told(folder: Path, stand_in: Callable[[str], None]) -> None:
    stand_in("kill -9 $$")
    report = finished(folder)
    assert report == TrackingReport(
        ok=False,
        text="The process that writes to MLflow was killed (signal 9).\n"
        f"What could not be sent lies in {folder}/run/tracking.jsonl.",
        uri=f"sqlite:///{folder}/mlflow.db",
    )
    assert journal_of(folder) == ["start", "metrics", "finish"]


def test_process_that_fails_is_told(folder: Path, stand_in: Callable[[str], None]) -> None:
    stand_in("exit 3")
    assert finished(folder).text.startswith("The process that writes to MLflow failed (exit code 3).\n")


def test_process_that_cannot_be_started_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(folder / "no-python"))
    report = finished(folder)
    assert not report.ok
    assert report.text.startswith("The process that writes to MLflow could not be started: [Errno 2] ")
    assert journal_of(folder) == ["start", "metrics", "finish"]


def test_slow_store_is_not_waited_for_without_end(folder: Path, stand_in: Callable[[str], None]) -> None:
    stand_in("exec sleep 60")
    report = finished(folder, wait_s=0.1)
    assert not report.ok
    assert report.text.startswith("MLflow (sqlite:///mlflow.db) has not taken all of the run within 0.1 s; process ")


def test_second_ctrl_c_ends_the_waiting_and_loses_nothing(folder: Path, stand_in: Callable[[str], None]) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    stand_in("exec sleep 60")
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        report = finished(folder)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert report.text.startswith("MLflow (sqlite:///mlflow.db) was not waited for; process ")
    assert journal_of(folder) == ["start", "metrics", "finish"]


def test_server_that_is_away_costs_the_run_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    report = finished(folder, "http://me:secret@127.0.0.1:9")
    assert not report.ok
    assert report.text.startswith("MLflow (http://me:***@127.0.0.1:9) has not taken all of the run: MlflowException: ")
    assert report.text.endswith(f"\nWhat could not be sent lies in {folder}/run/tracking.jsonl.")
    assert "secret" not in report.text
    assert journal_of(folder) == ["start", "metrics", "finish"]


def test_broken_database_costs_the_run_nothing(folder: Path) -> None:
    (folder / "mlflow.db").write_bytes(b"this is no database " * 1000)
    report = finished(folder)
    assert report.text == (
        f"MLflow (sqlite:///mlflow.db) has not taken all of the run: {folder}/mlflow.db is no SQLite "
        "database (file is not a database). Move it away, or name another store.\n"
        f"What could not be sent lies in {folder}/run/tracking.jsonl."
    )
    assert journal_of(folder) == ["start", "metrics", "finish"]


@pytest.mark.slow
def test_server_records_runs_and_artifacts(folder: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    host, port = address.split(":")
    command = [sys.executable, "-m", "mlflow", "server", "--host", host, "--port", port, "--workers", "1"]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    try:
        until(lambda: server.poll() is not None or answers(f"http://{address}/health"))
        tracker = MlflowTracker(f"http://{address}")
        tracker.start(folder / "run", **START)
        for epoch in range(1500):
            tracker.log_metrics({"loss": epoch}, epoch)
        tracker.log_artifact(folder / "server.log", "logs")
        report = tracker.finish("FAILED", "boom")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
    (run,) = runs_in(folder)
    assert report.ok, report.text
    assert report.text.endswith(
        f"\nSee it: http://{address}/#/experiments/{run.info.experiment_id}/runs/{run.info.run_id}"
    )
    assert (run.info.status, run.data.metrics, run.data.params) == ("FAILED", {"loss": 1499.0}, {"seed": "7"})
    artifacts = folder / "mlartifacts" / run.info.experiment_id / run.info.run_id / "artifacts"
    assert sorted(path.name for path in artifacts.rglob("*")) == ["error.txt", "logs", "server.log"]


def test_full_disk_costs_the_run_nothing(
    folder: Path, stand_in: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    stand_in("exit 0")
    monkeypatch.setattr("kexp.tracking.journal.JournalWriter.append", full)
    report = finished(folder)
    assert f"The journal {folder}/run/tracking.jsonl could not be written: [Errno 28] No space left" in report.text


@pytest.mark.slow
def test_first_starts_at_once_make_one_store(folder: Path) -> None:
    (folder / "mlflow.db").unlink()
    trackers = [MlflowTracker(experiment="same") for _ in range(4)]
    for number, tracker in enumerate(trackers):
        tracker.start(folder / f"run{number}", **START)
    reports = [tracker.finish("FINISHED") for tracker in trackers]
    assert [report.ok for report in reports] == [True] * 4
    assert {run.info.run_id for run in runs_in(folder, "same")} == {report.run_id for report in reports}
    assert sorted(path.name for path in folder.glob("*mlflow.db*")) == ["mlflow.db", "mlflow.db.lock"]


def test_tracker_records_nothing_before_its_start_and_after_its_end(
    folder: Path, stand_in: Callable[[str], None]
) -> None:
    stand_in("exit 0")
    tracker = MlflowTracker()
    with pytest.raises(StateError, match=r"^the tracker was not started. Call start\(run_dir, ...\) first.$"):
        tracker.log_metrics({"loss": 1.0}, 0)
    tracker.start(folder / "run", **START)
    with pytest.raises(StateError, match=r"^this tracker has recorded a run already. Make a new one for each run.$"):
        tracker.start(folder / "run", **START)
    tracker.finish("FINISHED")
    with pytest.raises(StateError, match=r"^the tracker has finished its record; nothing can be added.$"):
        tracker.log_tags({"a": "b"})


def test_missing_mlflow_is_told_before_the_training(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(PluginError) as caught:
        MlflowTracker().start(folder / "run", **START)
    assert str(caught.value) == (
        "tracking=mlflow needs mlflow, which is not installed.\nRun pip install mlflow, or take tracking=none."
    )


def test_tracker_none_keeps_nothing_and_imports_nothing(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from kexp_plugins.trackers.none import NullTracker
tracker = NullTracker()
tracker.start(Path("run"), **{START!r})
tracker.log_metrics({{"loss": 1.0}}, 0)
tracker.log_tags({{"a": "b"}})
tracker.log_artifact(Path("x"))
print(tracker.finish("FINISHED").text, [name for name in ("mlflow", "subprocess") if name in sys.modules])
"""
    output = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert output.stdout == "The run was not recorded (tracking=none). []\n"
    assert list(tmp_path.iterdir()) == []
