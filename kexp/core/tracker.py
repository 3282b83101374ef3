"""Tracker: records a run, its parameters, metrics, tags and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

Status = Literal["FINISHED", "FAILED", "KILLED"]


@dataclass(frozen=True)
class TrackingReport:
    """What became of a run's record.

    `text` is meant to be read by a person: where the run can be seen, or what could not be recorded and where it lies.
    """

    ok: bool
    text: str
    run_id: str | None = None
    uri: str | None = None


class Tracker:
    """Contract of trackers: record one run; every call but `finish` returns at once.

    A tracker never stops a training: what goes wrong while recording is told in the report of `finish`. Only what a
    person can put right before the training starts (a wrong address, a missing library) is an error, in the
    constructor or in `start`.
    """

    kind: ClassVar[str] = "tracker"

    def start(
        self,
        run_dir: Path,
        *,
        experiment: str,
        run_name: str,
        tags: Mapping[str, str],
        params: Mapping[str, object],
    ) -> None:
        """Begin the record of a run whose files lie in `run_dir`; called once, before anything else.

        A folder that holds an earlier record (a run that is resumed) is carried on.
        """
        raise NotImplementedError

    def log_metrics(self, metrics: Mapping[str, float], step: int) -> None:
        """Record values at `step`, an epoch or a training step."""
        raise NotImplementedError

    def log_tags(self, tags: Mapping[str, str]) -> None:
        """Record tags; a later value replaces an earlier one."""
        raise NotImplementedError

    def log_data(self, name: str, context: str, description: Mapping[str, object]) -> None:
        """Record what data a run used: the data set's name, the split, its digest, rows, shapes. Optional."""

    def log_artifact(self, path: Path, folder: str = "") -> None:
        """Record a file, or a folder with all it holds, in the run's `folder`.

        It is read later, so it must stay as it is until `finish`.
        """
        raise NotImplementedError

    def finish(self, status: Status, error: str | None = None) -> TrackingReport:
        """End the record and say what became of it; a second call returns the same report.

        `error` is the traceback of a run that failed, or the reason why it was stopped.
        """
        raise NotImplementedError
