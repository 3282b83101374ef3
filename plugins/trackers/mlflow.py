"""The tracker `mlflow`: runs in MLflow, written by a process of its own."""

from __future__ import annotations

from kexp.hookspecs import hookimpl
from kexp.tracking.mlflow_tracker import MlflowTracker


@hookimpl
def kexp_trackers() -> dict[str, type[MlflowTracker]]:
    return {"mlflow": MlflowTracker}
