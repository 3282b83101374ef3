"""Six whole models, 100 training steps each, against Keras, whose numbers are in tests/fixtures/models.npz."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kexp
from kexp.backend import settings
from kexp.models import model_from_json

FIXTURES = Path(__file__).parents[1] / "fixtures"
STORED = np.load(FIXTURES / "models.npz")
_spec = importlib.util.spec_from_file_location("make_models", FIXTURES / "make_models.py")
assert _spec is not None and _spec.loader is not None
making: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(making)

TOLERANCE = {"float32": 2e-5, "float64": 1e-8}


def arrays(prefix: str) -> list[np.ndarray[Any, Any]]:
    count = sum(key.startswith(f"{prefix}_") for key in STORED.files)
    return [STORED[f"{prefix}_{i}"] for i in range(count)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", making.LOSSES)
def test_a_hundred_steps_end_where_keras_ends(name: str, dtype: str) -> None:
    settings.set_floatx(dtype)
    model = model_from_json(str(STORED[f"{name}_{dtype}_json"]))
    model.set_weights(arrays(f"{name}_start"))
    losses = making.train(model, kexp.optimizers, name, dtype)
    tolerance = TOLERANCE[dtype]
    np.testing.assert_allclose(losses, STORED[f"{name}_{dtype}_losses"], rtol=tolerance, atol=tolerance)
    for ours, theirs in zip(model.get_weights(), arrays(f"{name}_{dtype}_end"), strict=True):
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
