"""What a run was trained on, as MLflow's datasets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlflow.entities import Dataset, DatasetInput, InputTag

from kexp.tracking.schema import column_specs, is_table, tensor_specs

CONTEXT_TAG = "mlflow.data.context"
CONTEXTS = {"train": "training"}
"""MLflow's words for splits where they differ."""
DATA_KEYS = ("name", "context", "description")


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
    if is_table(inputs):
        return {"mlflow_colspec": column_specs(inputs)}
    features, targets = tensor_specs(inputs), tensor_specs(description["targets"])
    written = [json.dumps(specs) if specs else None for specs in (features, targets)]
    return {"mlflow_tensorspec": {"features": written[0], "targets": written[1]}}
