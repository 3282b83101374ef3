"""The tracking journal: one JSON line per event, appended by the training, read by the process that writes to MLflow.

An event is `{"n": 3, "op": "metrics", "t": 1700000000000, ...}`: its number (increasing), what it is, when it was
(milliseconds since 1970), and its data. Events are `start`, `metrics`, `tags`, `artifact` and `finish`; a run that
was resumed has several `start`.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JOURNAL_NAME = "tracking.jsonl"
LOG_NAME = "tracking.log"


@dataclass(frozen=True)
class Event:
    """One line of a journal; `t` in milliseconds since 1970."""

    n: int
    op: str
    t: int
    data: dict[str, Any]


class JournalWriter:
    """Appends events to a journal; one that exists is carried on, its identity `id` too.

    An event has left the process when `append` returns, so it survives `kill -9`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        earlier = list(JournalReader(path).read_new()) if path.exists() else []
        self._n = earlier[-1].n + 1 if earlier else 0
        self.id = next((event.data["journal"] for event in earlier if event.op == "start"), uuid.uuid4().hex)
        self._lock = threading.RLock()  # reentrant: a signal handler may finish the run in the midst of an append
        self._file = path.open("ab", buffering=0)
        self._at_line_start = not path.stat().st_size or path.read_bytes()[-1:] == b"\n"

    def append(self, op: str, **data: Any) -> None:
        """Write one event.

        Raises: OSError if the file cannot be written, as on a full disk.
        """
        with self._lock:
            event = {"n": self._n, "op": op, "t": int(time.time() * 1000), **data}
            self._n += 1
            line = json.dumps(event, allow_nan=False).encode() + b"\n"
            line = line if self._at_line_start else b"\n" + line
            self._at_line_start = False
            self._at_line_start = self._file.write(line) == len(line)

    def close(self) -> None:
        """Write what the system still holds to the disk, and close the file."""
        with self._lock:
            if not self._file.closed:
                with contextlib.suppress(OSError):  # not every file system can
                    os.fsync(self._file.fileno())
                self._file.close()


class JournalReader:
    """Reads a journal that may still grow; lines that are not whole events are passed over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0
        self._last_n = -1

    def read_new(self) -> Iterator[Event]:
        """The events that were added since the last call; a line that is not complete yet is left for the next."""
        with self.path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                event = _parse(line)
                if event is not None and event.n > self._last_n:
                    self._last_n = event.n
                    yield event


def _parse(line: bytes) -> Event | None:
    try:
        data = json.loads(line)
        return Event(data.pop("n"), data.pop("op"), data.pop("t"), data)
    except (ValueError, KeyError, AttributeError, TypeError):  # cut off by a kill or a full disk
        return None


def number_to_json(value: object) -> float | str:
    """A metric's value as JSON can hold it: nan and the infinities become texts, and so does what is no number."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "nan"
    return number if math.isfinite(number) else str(number)


@contextlib.contextmanager
def exclusive(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock between processes on `path`, made if missing; gives False if another holds it and `wait` is not set.

    Where the system has no such locks, as on some network file systems, the work goes on without.
    """
    try:
        import fcntl  # not on Windows
    except ImportError:
        yield True
        return
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            held = True
        except BlockingIOError:
            held = False
        except OSError:
            held = True
        yield held


@dataclass
class SendReport:
    """What became of a journal: whether MLflow has all of it, the run's ids, what it refused."""

    ok: bool
    error: str = ""
    run_id: str | None = None
    experiment_id: str | None = None
    refused: tuple[str, ...] = ()

    def to_line(self) -> str:
        """The report as one line of JSON."""
        return json.dumps(vars(self))

    @classmethod
    def from_line(cls, line: str) -> SendReport:
        """The report that `to_line` wrote."""
        fields = json.loads(line)
        return cls(**{**fields, "refused": tuple(fields["refused"])})
