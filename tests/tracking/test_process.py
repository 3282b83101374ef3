"""The process beside the training: it ends every run, however the training ends, and costs the training nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kexp.core.tracker import TrackingReport
from kexp.errors import StateError
from kexp.tracking.mlflow_tracker import MlflowTracker

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

NEEDS_PANDAS = """
import sys
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "mlflow.tracking" and sys.modules.get("pandas", True) is None:
            raise ImportError("pandas is needed here")
sys.meta_path.insert(0, Finder)
"""


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


def test_run_is_recorded_whatever_the_environment_names(
    lab: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    other = lab.client.create_run("0", run_name="other").info.run_id
    for name in ("MLFLOW_RUN_ID", "MLFLOW_ACTIVE_MODEL_ID"):
        monkeypatch.setenv(name, other)
    for name in ("MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.setenv(name, "0")
    tracker = MlflowTracker()
    tracker.start(lab.folder / "run", **lab.start)
    for epoch in range(500):
        tracker.log_metrics({"loss": 1 / (epoch + 1), "accuracy": epoch / 500}, epoch)
    (lab.folder / "run" / "config.yaml").write_text("seed: 7\n")
    tracker.log_artifact(lab.folder / "run" / "config.yaml")
    report = tracker.finish("FINISHED")

    assert report.text == (
        f"MLflow run {str(report.run_id)[:8]}… in experiment xor (sqlite:///mlflow.db).\nSee it: mlflow ui"
    )
    assert (report.ok, report.uri) == (True, f"sqlite:///{lab.folder}/mlflow.db")
    (run,) = lab.runs()
    assert (run.info.run_id, run.info.status, run.info.run_name) == (report.run_id, "FINISHED", "first")
    assert (run.data.params, run.data.tags["by"]) == ({"seed": "7"}, "test")
    assert lab.history(run, "loss") == [(epoch, 1 / (epoch + 1)) for epoch in range(500)]
    assert Path(run.info.artifact_uri, "config.yaml").read_text() == "seed: 7\n"
    assert lab.client.get_run(other).info.status == "RUNNING"
    assert tracker.finish("FAILED") is report
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_run_whose_training_is_killed_never_stays_running(lab: Any) -> None:
    trainings = {}
    for name, ending in ENDINGS.items():
        script = f"{TRAINING}{ending}\n".replace("'xor'", repr(name))
        command = [sys.executable, "-c", script, str(lab.folder / name)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        trainings[name] = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
    said = {name: kill_when_told(training) for name, training in trainings.items()}
    lab.until(lambda: all(any(run.info.status != "RUNNING" for run in lab.runs(name)) for name in trainings))
    os.kill(int(said["with_a_fork_left"][0]), signal.SIGKILL)
    ended = {name: lab.runs(name)[0] for name in trainings}
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
    assert lab.history(ended["in_mid_run"], "loss") == [(0, 1.0), (1, 0.5)]


def test_process_lives_in_a_session_of_its_own(lab: Any, stand_in: Callable[[str], None]) -> None:
    tracker = MlflowTracker("http://127.0.0.1:9")
    tracker.start(lab.folder / "run", **lab.start)
    process = process_of(tracker)
    try:
        assert os.getsid(process.pid) == process.pid != os.getsid(0)
    finally:
        process.kill()
        stand_in("exit 0")
        tracker.finish("FINISHED")


def test_killed_process_is_started_again_and_goes_on_with_its_run(lab: Any) -> None:
    tracker = MlflowTracker()
    tracker.start(lab.folder / "run", **lab.start)
    tracker.log_metrics({"loss": 1.0}, 0)
    run_id = tracker.wait_for_run_id(60)
    process_of(tracker).kill()
    process_of(tracker).wait()
    tracker.log_metrics({"loss": 0.5}, 1)
    report = tracker.finish("FINISHED")
    assert (report.ok, report.run_id) == (True, run_id)
    (run,) = lab.runs()
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"loss": 0.5})


def test_process_that_is_killed_twice_is_told(lab: Any, stand_in: Callable[[str], None]) -> None:
    stand_in("kill -9 $$")
    report = lab.finished()
    assert report == TrackingReport(
        ok=False,
        text="The process that writes to MLflow was killed (signal 9).\n"
        f"What could not be sent lies in {lab.folder}/run/tracking.jsonl.",
        uri=f"sqlite:///{lab.folder}/mlflow.db",
    )
    assert lab.journal() == ["start", "metrics", "finish"]


@pytest.mark.slow
def test_process_starts_over_where_mlflow_does_need_pandas(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (lab.folder / "sitecustomize.py").write_text(NEEDS_PANDAS)
    monkeypatch.setenv("PYTHONPATH", str(lab.folder))
    report = lab.finished()
    assert report.ok, report.text
    assert [run.info.run_id for run in lab.runs()] == [report.run_id]
    assert "ImportError: pandas is needed here" in (lab.folder / "run" / "tracking.log").read_text()


def test_process_that_fails_is_told(lab: Any, stand_in: Callable[[str], None]) -> None:
    stand_in("exit 3")
    assert lab.finished().text.startswith("The process that writes to MLflow failed (exit code 3).\n")


def test_process_that_cannot_be_started_is_told(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(lab.folder / "no-python"))
    report = lab.finished()
    assert not report.ok
    assert report.text.startswith("The process that writes to MLflow could not be started: [Errno 2] ")
    assert lab.journal() == ["start", "metrics", "finish"]


def test_slow_store_is_not_waited_for_without_end(lab: Any, stand_in: Callable[[str], None]) -> None:
    stand_in("exec sleep 60")
    report = lab.finished(wait_s=0.1)
    assert not report.ok
    assert report.text.startswith("MLflow (sqlite:///mlflow.db) has not taken all of the run within 0.1 s; process ")


def test_second_ctrl_c_ends_the_waiting_and_loses_nothing(lab: Any, stand_in: Callable[[str], None]) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    stand_in("exec sleep 60")
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        report = lab.finished()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert report.text.startswith("MLflow (sqlite:///mlflow.db) was not waited for; process ")
    assert lab.journal() == ["start", "metrics", "finish"]


def test_tracker_records_nothing_before_its_start_and_after_its_end(lab: Any, stand_in: Callable[[str], None]) -> None:
    stand_in("exit 0")
    tracker = MlflowTracker()
    with pytest.raises(StateError, match=r"^the tracker was not started. Call start\(run_dir, ...\) first.$"):
        tracker.log_metrics({"loss": 1.0}, 0)
    tracker.start(lab.folder / "run", **lab.start)
    with pytest.raises(StateError, match=r"^this tracker has recorded a run already. Make a new one for each run.$"):
        tracker.start(lab.folder / "run", **lab.start)
    tracker.finish("FINISHED")
    with pytest.raises(StateError, match=r"^the tracker has finished its record; nothing can be added.$"):
        tracker.log_tags({"a": "b"})
