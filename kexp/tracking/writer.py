"""The process beside the training that writes to MLflow: `python -m kexp.tracking.writer JOURNAL`.

It reads the journal while the training appends to it, and ends the run when the training has ended, in whatever way:
standard input is a pipe held by the training, which closes at its death. Standard output takes reports, a line of
JSON each, the last one final.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

from kexp.errors import ArgumentError, KexpError
from kexp.tracking.journal import Event, JournalReader, SendReport, exclusive
from kexp.tracking.patience import Patience
from kexp.tracking.uri import HIDDEN, URI_VARIABLE, hide_password

if TYPE_CHECKING:
    from kexp.tracking.sender import RunSender

FULL_IMPORT = "KEXP_TRACKING_FULL_IMPORT"
SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_DISABLE_AGENT_HINT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # Patience repeats calls; MLflow's own seven tries take minutes
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
_HIJACKERS = ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_ACTIVE_MODEL_ID")
_UNNEEDED = ("numpy", "pandas", "pyarrow", "scipy")
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 5.0


class Training:
    """The process that trains, as seen from here."""

    def __init__(self) -> None:
        self._pid: int | None = None
        self._ended = False

    def is_process(self, pid: int) -> None:
        """Name its process: a fork of it could hold the pipe open after its death."""
        self._pid = pid

    def ended(self, wait_s: float = 0.0) -> bool:
        """Whether it has ended or finished its record; waits up to `wait_s` for that."""
        if not self._ended:
            self._ended = bool(select.select([0], [], [], wait_s)[0])
            self._ended |= self._pid is not None and os.getppid() != self._pid
        return self._ended


def follow(journal: Path, uri: str, training: Training, on_run: Callable[[SendReport], None]) -> SendReport:
    """Send `journal` to MLflow as it grows, until the training has ended."""
    reader = JournalReader(journal)
    with exclusive(journal), _sender(uri, journal, Patience(training.ended), on_run) as sender:
        pause = 0.0
        while True:
            ended = training.ended(pause)  # asked before reading: nothing is added after the end
            events = list(reader.read_new())
            for event in events:
                if event.op == "start":
                    training.is_process(event.data["pid"])
            started = time.monotonic()
            sender.send(events)
            if not gc.isenabled():  # all is imported now
                gc.freeze()
                gc.enable()
            # ten times as long as it took: the record takes at most a tenth of a core from the training
            pause = min(_LONGEST_PAUSE_S, max(_SHORTEST_PAUSE_S, 10 * (time.monotonic() - started)))
            if ended or sender.finish:
                sender.end(int(time.time() * 1000))
                break
    return sender.report


def replay(journal: Path, uri: str | None = None) -> SendReport:
    """Send the whole journal of a run that has ended, to where it was meant to go or to `uri`.

    What MLflow has of it already is not doubled. A run that never finished becomes KILLED at its last event.
    Raises: ArgumentError if the journal is still being sent, or its store needs a password that it does not hold.
    """
    events = list(JournalReader(journal).read_new())
    uri = uri or _own_uri(journal, events)
    with exclusive(journal, wait=False) as free:
        if not free:
            raise ArgumentError(f"{journal} is being sent by another process. Try again when that has ended.")
        with _sender(uri, journal, Patience(lambda wait_s: True), lambda report: None) as sender:
            sender.send(events)
            sender.end(events[-1].t if events else 0)
    return sender.report


@contextlib.contextmanager
def _sender(uri: str, journal: Path, patience: Patience, on_run: Callable[[SendReport], None]) -> Iterator[RunSender]:
    """A sender whose errors end up in its report."""
    from kexp.tracking.sender import RunSender  # the door to mlflow, which takes more than a second to import

    sender = RunSender(uri, journal.parent, patience, on_run)
    try:
        yield sender
    except ImportError:
        raise
    except Exception as error:
        traceback.print_exc()
        sender.report.ok = False
        sender.report.error = hide_password(_one_line(error))


def _own_uri(journal: Path, events: list[Event]) -> str:
    uri = next((str(event.data["uri"]) for event in reversed(events) if event.op == "start"), "")
    if not uri or HIDDEN in uri:
        raise ArgumentError(f"{journal} does not say to which store it goes ({uri or 'no start'}). Give its URI.")
    return uri


def _one_line(error: BaseException) -> str:
    lines = [line.strip().rstrip(".") for line in str(error).splitlines() if line.strip()]
    if isinstance(error, KexpError):
        return " ".join(lines)
    return f"{type(error).__name__}: {lines[0] if lines else 'without a text'}"


def _prepare_import() -> bool:
    """Make importing mlflow cheap; says whether modules were withheld from it.

    MLflow runs without these as `mlflow-skinny`; its third-party plugins may not.
    """
    os.environ.update({name: value for name, value in SETTINGS.items() if name not in os.environ})
    for name in _HIJACKERS:
        os.environ.pop(name, None)
        os.environ.pop(f"_{name}", None)
    gc.disable()  # a third of the import's time
    if FULL_IMPORT in os.environ or _has_mlflow_plugins():
        return False
    for name in _UNNEEDED:
        sys.modules.setdefault(name, cast(ModuleType, None))
    return True


def _has_mlflow_plugins() -> bool:
    points = entry_points()
    groups = [group for group in points.groups if group.startswith("mlflow.")]
    return any(not point.value.startswith("mlflow.") for group in groups for point in points.select(group=group))


def main(journal: Path) -> int:
    """Follow `journal` to its end; 0 if MLflow has all of it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # meant for the training: the record comes after
        signal.signal(number, signal.SIG_IGN)
    reports = os.dup(1)
    os.dup2(2, 1)  # whatever MLflow prints belongs into the log

    def tell(report: SendReport) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(reports, f"{report.to_line()}\n".encode())

    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s")
    lean = _prepare_import()
    try:
        events = list(JournalReader(journal).read_new())
        report = follow(journal, os.environ.get(URI_VARIABLE) or _own_uri(journal, events), Training(), tell)
    except ImportError as error:
        traceback.print_exc()
        if lean:
            os.dup2(reports, 1)
            command = [sys.executable, "-m", "kexp.tracking.writer", str(journal)]
            os.execve(sys.executable, command, {**os.environ, FULL_IMPORT: "1"})
        report = SendReport(ok=False, error=_one_line(error))
    except Exception as error:
        traceback.print_exc()
        report = SendReport(ok=False, error=_one_line(error))
    tell(report)
    return 0 if report.ok else 1


if __name__ == "__main__":
    code = main(Path(sys.argv[1]))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # all is written; taking down mlflow's thousands of objects would cost a quarter of a second
