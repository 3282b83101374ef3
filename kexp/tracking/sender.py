"""RunSender: the events of a journal as calls to MLflow. The only module that imports mlflow."""

from __future__ import annotations

import logging
import math
import os
import posixpath
import tempfile
import time
from collections.abc import Callable, Iterable
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

from mlflow.entities import Experiment, Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository
from mlflow.tracking import MlflowClient

from kexp.errors import DataError
from kexp.tracking.datasets import DATA_KEYS, dataset_input
from kexp.tracking.journal import Event, SendReport
from kexp.tracking.limits import (
    MAX_EXPERIMENT_NAME,
    MAX_NAME,
    MAX_PARAM_VALUE,
    MAX_TAG_VALUE,
    METRICS_PER_BATCH,
    PARAM_MARK,
    PARAMS_PER_BATCH,
    TAG_MARK,
    Names,
    fit_text,
)
from kexp.tracking.patience import Patience, may_pass
from kexp.tracking.sqlite import open_store
from kexp.tracking.uri import sqlite_path

JOURNAL_TAG = "kexp.journal"
REASON_TAG = "kexp.end_reason"
NONFINITE_TAG = "kexp.nonfinite"
KILLED_REASON = "the process ended without a word (killed?)"
EXPERIMENT_TAGS = {"mlflow.experimentKind": "custom_model_development"}  # "Machine learning" in the UI
MOST_REFUSED = 20
ARTIFACT_PAUSE_S = 30.0

T = TypeVar("T")
_logger = logging.getLogger(__name__)


def connect(uri: str) -> MlflowClient:
    """A client of the store at `uri`; tables are created where they are missing."""
    database = sqlite_path(uri)
    return MlflowClient(uri) if database is None else open_store(database, uri, MlflowClient)


class RunSender:
    """Sends the events of one journal to one MLflow run.

    Sending the same events again changes nothing: the run is found by its tag `kexp.journal`, and MLflow keeps one
    of two metrics with the same name, time, step and value. `on_run` is told the run's ids as soon as it exists.
    """

    def __init__(
        self, uri: str, run_dir: Path, patience: Patience, on_run: Callable[[SendReport], None] = lambda report: None
    ) -> None:
        self.uri = uri
        self.run_dir = run_dir
        self.report = SendReport(ok=False)
        self.finish: Event | None = None
        self._patience = patience
        self._on_run = on_run
        self._client: MlflowClient | None = None
        self._run: Run | None = None
        self._metric_names, self._param_names, self._tag_names = Names(), Names(), Names()
        self._known_params: dict[str, str] = {}
        self._params: list[Param] = []
        self._tags: dict[str, str] = {}
        self._metrics: list[Metric] = []
        self._artifacts: dict[tuple[str, str], None] = {}
        self._artifacts_from = 0.0
        self._seen: set[tuple[str, int, float]] | None = None
        self._nonfinite: dict[str, str] = {}
        self._nan_count = 0

    def send(self, events: Iterable[Event]) -> None:
        """Send `events`; returns when MLflow has them, but for artifacts that it does not take just now.

        Raises: what MLflow raised, when repeating did not help.
        """
        events = list(events)
        if self._run is None and sum(event.op == "start" for event in events) > 1:
            self._seen = set()  # a resumed run repeats the epochs after its last checkpoint
        handlers: dict[str, Callable[[Event], None]] = {
            "start": self._start,
            "metrics": self._add_metrics,
            "tags": lambda event: self._add_tags(event.data["tags"]),
            "artifact": lambda event: self._artifacts.update({(event.data["path"], event.data["folder"]): None}),
            "data": self._log_data,
            "finish": self._finish,
        }
        for event in events:
            if event.op in handlers and (event.op == "start" or self._run is not None):
                handlers[event.op](event)
        self._flush(final=False)

    def end(self, end_ms: int) -> SendReport:
        """End the run: as its `finish` event says, else as KILLED at `end_ms`; returns the whole report."""
        if self._run is None:
            raise DataError(f"the journal in {self.run_dir} does not hold the start of a run")
        status = self.finish.data["status"] if self.finish else "KILLED"
        error = (self.finish.data.get("error") if self.finish else KILLED_REASON) or ""
        if error.strip():
            self._add_tags({REASON_TAG: error.strip().splitlines()[-1]})
        with tempfile.TemporaryDirectory() as folder:
            if status == "FAILED" and error:
                text = Path(folder, "error.txt")
                text.write_text(error, encoding="utf-8", errors="replace")
                self._artifacts[str(text), ""] = None
            self._flush(final=True)
        run_id, end_ms = self._run.info.run_id, self.finish.t if self.finish else end_ms
        self._call(lambda client: client.set_terminated(run_id, status, end_ms))
        self.report.ok = True
        return self.report

    def _call(self, function: Callable[[MlflowClient], T]) -> T:
        def attempt() -> T:
            self._client = self._client or connect(self.uri)
            return function(self._client)

        return self._patience.call(attempt)

    def _start(self, event: Event) -> None:
        self._flush(final=False)
        self.finish = None
        if self._run is None:
            self._run = self._call(lambda client: _find_or_create(client, event))
            self.report.run_id = self._run.info.run_id
            self.report.experiment_id = self._run.info.experiment_id
            self._on_run(self.report)
        self._add_tags(event.data["tags"])
        for name, value in event.data["params"].items():
            value = fit_text(value, MAX_PARAM_VALUE, PARAM_MARK)
            known = self._known_params.setdefault(name, value)
            if known is value:
                self._params.append(Param(self._param_names.fit(name), value))
            elif known != value:
                self._add_tags({f"drift.{name}": value})  # MLflow's parameters are written once

    def _finish(self, event: Event) -> None:
        self.finish = event

    def _add_tags(self, tags: dict[str, str]) -> None:
        tags = {name: value for name, value in tags.items() if name != "mlflow.runName"}
        self._tags |= {self._tag_names.fit(name): fit_text(v, MAX_TAG_VALUE, TAG_MARK) for name, v in tags.items()}

    def _add_metrics(self, event: Event) -> None:
        step, before = event.data["step"], self._nan_count
        for name, written in event.data["metrics"].items():
            value = float(written)
            if not math.isfinite(value):
                self._nan_count += 1
                self._nonfinite.setdefault(name, f"{name} ({value} from step {step})")
            elif not self._was_sent(name, step, value):
                self._metrics.append(Metric(self._metric_names.fit(name), value, event.t, step))
        if self._nan_count > before:
            self._metrics.append(Metric("nan_count", float(self._nan_count), event.t, step))
            self._add_tags({NONFINITE_TAG: ", ".join(self._nonfinite.values())})

    def _log_data(self, event: Event) -> None:
        assert self._run is not None
        run_id, used = self._run.info.run_id, dataset_input(**{key: event.data[key] for key in DATA_KEYS})
        self._call(lambda client: client.log_inputs(run_id, [used]))

    def _was_sent(self, name: str, step: int, value: float) -> bool:
        if self._seen is None:
            return False
        known = (name, step, value) in self._seen
        self._seen.add((name, step, value))
        return known

    def _flush(self, *, final: bool) -> None:
        params = list(_chunks(self._params, PARAMS_PER_BATCH))
        tags = list(_chunks([RunTag(key, value) for key, value in self._tags.items()], PARAMS_PER_BATCH))
        room = METRICS_PER_BATCH - 2 * PARAMS_PER_BATCH if params or tags else METRICS_PER_BATCH
        for batch in zip_longest(_chunks(self._metrics, room), params, tags, fillvalue=()):
            self._send_batch([*batch[0], *batch[1], *batch[2]])
        self._metrics, self._params, self._tags = [], [], {}
        if final or time.monotonic() >= self._artifacts_from:
            self._send_artifacts(final)

    def _send_batch(self, items: list[Metric | Param | RunTag]) -> None:
        """Send all of it, but for single values that MLflow refuses: those are named in the report."""
        assert self._run is not None
        run_id = self._run.info.run_id
        split: dict[str, list[Any]] = {kind: [] for kind in ("metrics", "params", "tags")}
        for item in items:
            kind = "metrics" if isinstance(item, Metric) else "params" if isinstance(item, Param) else "tags"
            split[kind].append(item)
        try:
            self._call(lambda client: client.log_batch(run_id, **split, synchronous=True))
        except MlflowException as error:
            if error.error_code not in ("INVALID_PARAMETER_VALUE", "BAD_REQUEST"):
                raise
            if len(items) > 1:
                self._send_batch(items[: len(items) // 2])
                self._send_batch(items[len(items) // 2 :])
            else:
                self._refuse(f"{type(items[0]).__name__.lower()} {items[0].key}", error)

    def _send_artifacts(self, final: bool) -> None:
        for path, folder in list(self._artifacts):
            try:
                if final:
                    self._call(lambda client, path=path, folder=folder: self._log_artifact(client, path, folder))  # type: ignore[misc]
                elif self._client is not None:
                    self._log_artifact(self._client, path, folder)
            except Exception as error:
                if may_pass(error) and not final:  # metrics must not wait for a store of artifacts
                    _logger.warning("artifact %s: %s; it is tried again", path, error)
                    self._artifacts_from = time.monotonic() + ARTIFACT_PAUSE_S
                    return
                self._refuse(f"artifact {path}", error)
            del self._artifacts[path, folder]

    def _log_artifact(self, client: MlflowClient, path: str, folder: str) -> None:
        assert self._run is not None
        source = self.run_dir / path
        if not os.access(source, os.R_OK):
            raise DataError(f"{source} is not there or cannot be read")
        repository = _served_artifacts(self.uri, self._run.info.artifact_uri)
        if repository is None:
            client.log_artifact(self._run.info.run_id, str(source), folder or None)
        elif source.is_dir():
            repository.log_artifacts(str(source), posixpath.join(folder, source.name))  # type: ignore[no-untyped-call]
        else:
            repository.log_artifact(str(source), folder or None)  # type: ignore[no-untyped-call]

    def _refuse(self, what: str, error: Exception) -> None:
        _logger.warning("%s was not taken: %s", what, error)
        self.report.refused += (f"{what}: {str(error).splitlines()[0]}",)
        if len(self.report.refused) > MOST_REFUSED:
            raise error


def _find_or_create(client: MlflowClient, event: Event) -> Run:
    """The run of this journal: MLflow's, if it was begun before, or else a new one."""
    experiment = _experiment(client, fit_text(event.data["experiment"], MAX_EXPERIMENT_NAME, "…") or "Default")
    journal = event.data["journal"]
    for run in client.search_runs([experiment.experiment_id], f"tags.`{JOURNAL_TAG}` = '{journal}'", max_results=1):
        if REASON_TAG in run.data.tags:
            client.delete_tag(run.info.run_id, REASON_TAG)
        client.update_run(run.info.run_id, status="RUNNING")
        return run
    tags = {name: fit_text(v, MAX_TAG_VALUE, TAG_MARK) for name, v in event.data["tags"].items() if "mlflow." in name}
    tags.pop("mlflow.runName", None)
    name = fit_text(event.data["run_name"], MAX_NAME, "…") or None
    return client.create_run(experiment.experiment_id, event.t, {**tags, JOURNAL_TAG: journal}, name)


def _experiment(client: MlflowClient, name: str) -> Experiment:
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        try:
            return client.get_experiment(client.create_experiment(name, tags=EXPERIMENT_TAGS))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            experiment = client.get_experiment_by_name(name)  # another process was quicker
    if experiment is None or experiment.lifecycle_stage == "deleted":
        raise DataError(
            f"the experiment {name!r} was deleted in MLflow. "
            "Restore it (mlflow experiments restore) or choose another name."
        )
    return experiment


def _served_artifacts(uri: str, artifact_uri: str) -> LocalArtifactRepository | None:
    """Where `mlflow ui` looks for the artifacts of an experiment that it made itself, if the store is a database.

    MLflow's own client can only reach those through a server.
    """
    database = sqlite_path(uri)
    if database is None or not artifact_uri.startswith("mlflow-artifacts:"):
        return None
    inside = artifact_uri.removeprefix("mlflow-artifacts:").lstrip("/")
    return LocalArtifactRepository((database.parent / "mlartifacts" / inside).as_uri())


def _chunks(items: list[T], size: int) -> Iterable[list[T]]:
    return (items[first : first + size] for first in range(0, len(items), size))
