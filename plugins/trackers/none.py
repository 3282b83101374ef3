"""The tracker `none`: keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kexp.core.tracker import Status, Tracker, TrackingReport
from kexp.hookspecs import hookimpl


class NullTracker(Tracker):
    """Records nothing, writes nothing, imports nothing."""

    def start(
        self,
        run_dir: Path,
        *,
        experiment: str,
        run_name: str,
        tags: Mapping[str, str],
        params: Mapping[str, object],
    ) -> None:
        """Does nothing."""

    def log_metrics(self, metrics: Mapping[str, float], step: int) -> None:
        """Does nothing."""

    def log_tags(self, tags: Mapping[str, str]) -> None:
        """Does nothing."""

    def log_artifact(self, path: Path, folder: str = "") -> None:
        """Does nothing."""

    def finish(self, status: Status, error: str | None = None) -> TrackingReport:
        """A report that says that nothing was recorded."""
        return TrackingReport(ok=True, text="The run was not recorded (tracking=none).")


@hookimpl
def kexp_trackers() -> dict[str, type[Tracker]]:
    return {"none": NullTracker}
