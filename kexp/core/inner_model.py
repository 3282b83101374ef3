"""Inner models: configs of models that stand in the place of a layer, for layers that know no models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

NAMES = ("Sequential", "Functional", "Model")
"""Keras' names of models in configs."""
readers: list[Callable[[Mapping[str, Any]], Any]] = []
"""What makes a model of its config; kexp.models puts it here."""


def model_of(spec: Any) -> Any:
    """The model that `spec` describes, in our form or in Keras'; any other spec as it is."""
    if not isinstance(spec, Mapping) or not readers:
        return spec
    if spec.get("type") == "model":
        return readers[0](spec["config"])
    return readers[0](spec) if spec.get("class_name") in NAMES else spec
