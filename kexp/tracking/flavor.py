"""A saved model as a folder that MLflow serves: `mlflow models serve -m runs:/ID/model --env-manager local`."""

from __future__ import annotations

import json
import platform
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import numpy as np

from kexp.models import Model, load_model
from kexp.tracking.schema import Form, column_specs, is_table, tensor_specs
from kexp.version import __version__

MODEL_FILE = "model.keras"


def write_folder(folder: Path, model: Model, inputs: Form) -> None:
    """Save `model` and what MLflow needs to load it; `inputs` says what raw inputs look like.

    Raises: ArgumentError if no file can describe the model; then nothing is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        model.save(folder / MODEL_FILE)
    except BaseException:
        folder.rmdir()
        raise
    (folder / "requirements.txt").write_text(f"kexp=={__version__}\nnumpy=={version_of('numpy')}\n", encoding="utf-8")
    described = {
        "artifact_path": "model",
        "flavors": {
            "kexp": {"data": MODEL_FILE, "kexp_version": __version__},
            "python_function": {
                "loader_module": __name__,
                "data": MODEL_FILE,
                "python_version": platform.python_version(),
            },
        },
        "model_uuid": uuid.uuid4().hex,
        "utc_time_created": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),
        "signature": _signature(inputs, needed_columns(model, inputs)),
    }
    (folder / "MLmodel").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")  # JSON is YAML too


def needed_columns(model: Model, inputs: Form) -> Collection[str] | None:
    """The columns of a table that the model cannot do without; None for all."""
    if not is_table(inputs) or model.pipeline is None or not len(model.pipeline):
        return None
    return next(iter(model.pipeline.steps.values())).needed(list(inputs["columns"]))


class Served:
    """A model as MLflow calls it.

    `predict(rows)`: the model's outputs for raw rows, a table or an array; several outputs by their names.
    """

    def __init__(self, model: Model) -> None:
        self.model = model

    def predict(self, rows: Any, params: dict[str, Any] | None = None) -> Any:
        """The outputs, the first axis for the rows."""
        x = rows
        if self.model.pipeline is None and self.model.preparation.columns is None and hasattr(rows, "iloc"):
            x = np.asarray(rows)  # a server makes tables of all that it gets
        elif isinstance(rows, dict) and len(rows) == 1 and len(self.model.inputs) == 1:
            x = next(iter(rows.values()))
        found = self.model.predict(x, verbose=0)
        if isinstance(found, list):
            return dict(zip(self.model.output_names, found, strict=True))
        return found


def _load_pyfunc(path: str) -> Served:
    """What MLflow calls with the place of `data`."""
    place = Path(path)
    return Served(load_model(place / MODEL_FILE if place.is_dir() else place))


def _signature(inputs: Form, needed: Collection[str] | None) -> dict[str, Any]:
    specs = column_specs(inputs, needed) if is_table(inputs) else tensor_specs(inputs)
    return {"inputs": json.dumps(specs) if specs else None, "outputs": None, "params": None}
