"""MlflowTracker: records a run in MLflow without importing it; a process of its own does the writing."""

from __future__ import annotations

import getpass
import importlib.util
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kexp.core.tracker import Status, Tracker, TrackingReport
from kexp.errors import ArgumentError, PluginError, StateError
from kexp.tracking.journal import JOURNAL_NAME, LOG_NAME, JournalWriter, SendReport, number_to_json
from kexp.tracking.uri import URI_VARIABLE, Store, check_uri, find_store, run_link

TAGGED = ("rows", "digest", "index_digest")
"""What of the data is also told by tags, so that runs can be searched for it."""


class MlflowTracker(Tracker):
    """Records a run in MLflow.

    Calls append to `tracking.jsonl` in the run's folder; a process beside the training sends that on, and ends the
    run as FINISHED, FAILED or KILLED even if the training is killed. If MLflow is away, training goes on and the
    journal keeps everything.

    `uri` is the store: an SQLite file (`sqlite:///mlflow.db`), another database, or a server (`http://...`); None
    takes `MLFLOW_TRACKING_URI`, or else `mlflow.db` in the working directory. `experiment` and `run_name` replace
    those given to `start`. `finish` waits `wait_s` seconds at most.
    """

    def __init__(
        self,
        uri: str | None = None,
        experiment: str | None = None,
        run_name: str | None = None,
        wait_s: float = 120.0,
    ) -> None:
        if uri is not None:
            check_uri(uri, os.environ)
        if wait_s < 0:
            raise ArgumentError(f"tracking.wait_s must not be negative. Received: {wait_s!r}")
        self.uri = uri
        self.experiment = experiment
        self.run_name = run_name
        self.wait_s = wait_s
        self._recording: _Recording | None = None
        self._report: TrackingReport | None = None

    def start(
        self,
        run_dir: Path,
        *,
        experiment: str,
        run_name: str,
        tags: Mapping[str, str],
        params: Mapping[str, object],
    ) -> None:
        """Begin the record, and the process that writes it to MLflow.

        Raises: ArgumentError for an address that cannot hold runs; PluginError if mlflow is not installed.
        """
        if self._recording is not None:
            raise StateError("this tracker has recorded a run already. Make a new one for each run.")
        if importlib.util.find_spec("mlflow") is None:
            raise PluginError(
                "tracking=mlflow needs mlflow, which is not installed.\nRun pip install mlflow, or take tracking=none."
            )
        store = find_store(self.uri, folder=Path.cwd(), environ=os.environ)
        run_dir = Path(run_dir).absolute()
        run_dir.mkdir(parents=True, exist_ok=True)
        self._recording = _Recording(run_dir, store, self.experiment or experiment)
        self._recording.append(
            "start",
            journal=self._recording.journal.id,
            uri=store.shown,
            pid=os.getpid(),
            experiment=self._recording.experiment,
            run_name=self.run_name or run_name,
            tags={**_default_tags(run_dir), **_texts(tags)},
            params=_texts(params),
        )
        self._recording.spawn()

    def log_metrics(self, metrics: Mapping[str, float], step: int) -> None:
        """Record values at `step`. MLflow gets no nan and no infinity: they are counted in `nan_count`."""
        numbers = {str(name): number_to_json(value) for name, value in metrics.items()}
        self._open().append("metrics", step=int(step), metrics=numbers)

    def log_tags(self, tags: Mapping[str, str]) -> None:
        """Record tags; a later value replaces an earlier one."""
        self._open().append("tags", tags=_texts(tags))

    def log_data(self, name: str, context: str, description: Mapping[str, object]) -> None:
        """Record a split of a data set as one of the run's MLflow datasets."""
        self._open().append("data", name=name, context=context, description=dict(description))
        told = {f"data.{context}.{key}": description[key] for key in TAGGED if key in description}
        self.log_tags({name: str(value) for name, value in told.items()})

    def log_artifact(self, path: Path, folder: str = "") -> None:
        """Record a file or folder, which is read later: it must stay as it is until `finish`."""
        recording = self._open()
        path = Path(path).absolute()
        if path.is_relative_to(recording.run_dir):  # a run's folder may be moved before its journal is sent
            path = path.relative_to(recording.run_dir)
        recording.append("artifact", path=str(path), folder=str(folder))

    def wait_for_run_id(self, timeout_s: float) -> str | None:
        """The MLflow run's id as soon as there is one; None if MLflow has not made it within `timeout_s`."""
        recording = self._open()
        recording.read_reports(time.monotonic() + timeout_s, lambda: recording.seen.run_id is not None)
        return recording.seen.run_id

    def finish(self, status: Status, error: str | None = None) -> TrackingReport:
        """End the record and wait until MLflow has it.

        A Ctrl-C in here ends the waiting; what is left is written without us.
        """
        if self._report is None:
            recording = self._open()
            try:
                recording.end(status, error)
            except KeyboardInterrupt:  # the second one must not cost the run its end
                recording.end(status, error)
            try:
                self._report = recording.wait(self.wait_s)
            except KeyboardInterrupt:
                self._report = recording.unfinished("was not waited for")
        return self._report

    def _open(self) -> _Recording:
        if self._recording is None:
            raise StateError("the tracker was not started. Call start(run_dir, ...) first.")
        if self._report is not None:
            raise StateError("the tracker has finished its record; nothing can be added.")
        return self._recording


class _Recording:
    """One run's journal, and the process that sends it."""

    def __init__(self, run_dir: Path, store: Store, experiment: str) -> None:
        self.run_dir = run_dir
        self.store = store
        self.experiment = experiment
        self.journal = JournalWriter(run_dir / JOURNAL_NAME)
        self.seen = SendReport(ok=False)
        self.final = False
        self._process: subprocess.Popen[bytes] | None = None
        self._output = b""
        self._problem = ""

    def append(self, op: str, **data: Any) -> None:
        try:
            self.journal.append(op, **data)
        except OSError as error:
            self._problem = self._problem or f"The journal {self.journal.path} could not be written: {error}."

    def spawn(self) -> None:
        """Start the process; in a session of its own, so that Ctrl-C and SIGTERM to the training pass it by."""
        command = [sys.executable, "-m", "kexp.tracking.writer", str(self.journal.path)]
        pipe = subprocess.PIPE
        try:
            with (self.run_dir / LOG_NAME).open("ab") as log:
                self._process = subprocess.Popen(
                    command,
                    bufsize=0,
                    stdin=pipe,
                    stdout=pipe,
                    stderr=log,
                    cwd=self.run_dir,  # python -m puts it on sys.path: no place for a stray mlflow.py
                    env=_environment(self.store.uri),
                    start_new_session=True,
                )
        except OSError as error:
            self._problem = f"The process that writes to MLflow could not be started: {error}."

    def end(self, status: Status, error: str | None) -> None:
        """Write the last event, and wake the process by closing its input."""
        self.append("finish", status=status, error=error)
        self.journal.close()
        self._close_input()

    def wait(self, wait_s: float) -> TrackingReport:
        """Wait for the process to end, at most `wait_s`, and tell what became of the record."""
        deadline = time.monotonic() + wait_s
        code = self._wait_for_exit(deadline)
        if code is not None and code < 0 and not self.final:  # killed, perhaps for its memory; it can go on
            self.spawn()
            self._close_input()
            code = self._wait_for_exit(deadline)
        if self.final and self.seen.ok:
            return self._sent()
        if self._process is None:
            return self._failed("")
        if code is None:
            return self.unfinished(f"has not taken all of the run within {wait_s:g} s")
        if self.final:
            return self._failed(f"MLflow ({self.store.name}) has not taken all of the run: {self.seen.error}.")
        how = f"was killed (signal {-code})" if code < 0 else f"failed (exit code {code})"
        return self._failed(f"The process that writes to MLflow {how}.")

    def read_reports(self, deadline: float, enough: Callable[[], bool]) -> None:
        """Read what the process says until that is `enough`, it ends, or the deadline passes."""
        if self._process is None or self._process.stdout is None or self._process.stdout.closed:
            return
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not enough() and selector.select(max(0.0, deadline - time.monotonic())):
                data = os.read(self._process.stdout.fileno(), 65536)
                if not data:
                    self._process.stdout.close()
                    return
                *lines, self._output = (self._output + data).split(b"\n")
                for line in lines:
                    self.seen = SendReport.from_line(line.decode())
                    self.final = self.seen.ok or bool(self.seen.error)

    def unfinished(self, what: str) -> TrackingReport:
        """The report when the process still runs."""
        pid = self._process.pid if self._process else None
        return self._failed(f"MLflow ({self.store.name}) {what}; process {pid} goes on with it.")

    def _wait_for_exit(self, deadline: float) -> int | None:
        if self._process is None:
            return None
        self.read_reports(deadline, lambda: False)
        try:
            return self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None

    def _close_input(self) -> None:
        if self._process is None or self._process.stdin is None or self._process.stdin.closed:
            return
        try:
            self._process.stdin.write(b"\n")  # wakes it even if a fork of this process holds the pipe open
        except OSError:
            pass  # it has ended already
        finally:
            self._process.stdin.close()

    def _sent(self) -> TrackingReport:
        seen, store = self.seen, self.store
        lines = [f"MLflow run {(seen.run_id or '')[:8]}… in experiment {self.experiment} ({store.name})."]
        if seen.refused:
            first, log = "; ".join(seen.refused[:3]), self.run_dir / LOG_NAME
            lines.append(f"MLflow did not take {len(seen.refused)} of its values (see {log}): {first}")
        lines += [self._problem] if self._problem else []
        lines.append(f"See it: {run_link(store, seen.experiment_id, seen.run_id) or store.ui_command}")
        return TrackingReport(not self._problem, "\n".join(lines), seen.run_id, store.shown)

    def _failed(self, text: str) -> TrackingReport:
        lines = [text, self._problem, f"What could not be sent lies in {self.journal.path}."]
        return TrackingReport(False, "\n".join(line for line in lines if line), self.seen.run_id, self.store.shown)


def _environment(uri: str) -> dict[str, str]:
    """The process's environment: the store, password and all, and a way to kexp where it is not installed."""
    root = Path(__file__).parents[2]
    paths = [] if root.name in ("site-packages", "dist-packages") else [str(root)]
    paths += [path for path in [os.environ.get("PYTHONPATH", "")] if path]
    return {**os.environ, URI_VARIABLE: uri, "PYTHONPATH": os.pathsep.join(paths)}


def _default_tags(run_dir: Path) -> dict[str, str]:
    """What finds the process and the folder of a run again."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = "unknown"
    return {
        "mlflow.user": user,
        "mlflow.source.type": "LOCAL",
        "mlflow.source.name": sys.argv[0] if sys.argv else "",
        "kexp.host": socket.gethostname(),
        "kexp.pid": str(os.getpid()),
        "kexp.run_dir": str(run_dir),
    }


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()}
