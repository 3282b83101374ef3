"""What a model learned about raw data, pipelines and all, as JSON values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from kexp.data import Pipeline
from kexp.errors import ArgumentError, KexpError

PIPELINES = ("pipeline", "target_pipeline")


def written_preparation(preparation: Any) -> dict[str, Any]:
    """Pipelines with what they learned, columns and labels.

    Raises: ArgumentError that names a pipeline that cannot be written.
    """
    labels = preparation.labels
    return {
        **{name: _written(name, getattr(preparation, name)) for name in PIPELINES},
        "columns": preparation.columns,
        "labels": None if labels is None else {"values": labels.tolist(), "dtype": labels.dtype.str},
    }


def _written(name: str, pipeline: Pipeline | None) -> Any:
    if pipeline is None:
        return None
    try:
        return {"seen": pipeline.seen, **json.loads(pipeline.to_json())}
    except (KexpError, TypeError) as error:
        raise ArgumentError(f"the model's {name} cannot be saved: {error}") from error


def take_preparation(preparation: Any, kept: Mapping[str, Any]) -> None:
    """Go back to what `written_preparation` wrote."""
    for name in PIPELINES:
        written = kept[name]
        if written is not None:
            made = Pipeline.from_json(json.dumps(written)) if written["seen"] else Pipeline(written["config"])
            setattr(preparation, name, made)
    labels = kept["labels"]
    preparation.columns = kept["columns"]
    preparation.labels = None if labels is None else np.asarray(labels["values"], dtype=np.dtype(labels["dtype"]))
