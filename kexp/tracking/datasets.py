"""What a run was trained on, as MLflow's datasets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlflow.entities import Dataset, DatasetInput, InputTag

CONTEXT_TAG = "mlflow.data.context"
CONTEXTS = {"train": "training"}
"""MLflow's words for splits where they differ."""
DATA_KEYS = ("name", "context", "description")
COLUMN_TYPES = {"bool": "boolean", "int": "long", "uint": "long", "float": "double", "datetime": "datetime"}
"""Starts of dtypes' names -> MLflow's types of columns; all others are texts."""


def dataset_input(name: str, context: str, description: Mapping[str, Any]) -> DatasetInput:
    """A split of a data set: name, digest, schema and number of rows."""
    dataset = Dataset(
        name=name,
        digest=description["digest"],
        source_type="kexp",
        source=json.dumps({"dataset": name, "split": context}),
        schema=json.dumps(_schema(description)),
        profile=json.dumps({key: value for key, value in description.items() if key not in ("digest", "inputs")}),
    )
    return DatasetInput(dataset, [InputTag(CONTEXT_TAG, CONTEXTS.get(context, context))])


def _schema(description: Mapping[str, Any]) -> dict[str, Any]:
    inputs = description["inputs"]
    if isinstance(inputs, Mapping) and "columns" in inputs:
        columns = [{"type": _column_type(t), "name": name, "required": True} for name, t in inputs["columns"].items()]
        return {"mlflow_colspec": columns}
    return {"mlflow_tensorspec": {"features": _tensors(inputs), "targets": _tensors(description["targets"])}}


def _column_type(dtype: str) -> str:
    return next((word for prefix, word in COLUMN_TYPES.items() if dtype.startswith(prefix)), "string")


def _tensors(form: Any) -> str | None:
    if form is None:
        return None
    named = form if isinstance(form, Mapping) and "shape" not in form else {None: form}
    named = dict(enumerate(form)) if isinstance(form, list) else named
    specs = []
    for name, part in named.items():
        tensor = {"dtype": part["dtype"], "shape": [-1, *part["shape"][1:]]}
        spec = {"type": "tensor", "tensor-spec": tensor}
        specs.append(spec if name is None else {"name": str(name), **spec})
    return json.dumps(specs)
