"""Masks, weights of samples and steps, and states: models train and evaluate as they do in Keras."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kexp
from kexp.backend import settings
from kexp.optimizers import SGD

FIXTURES = Path(__file__).parents[1] / "fixtures"
FILE = np.load(FIXTURES / "sequence_models.npz")


def _shared() -> Any:
    spec = importlib.util.spec_from_file_location("sequence_models", FIXTURES / "sequence_models.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sequence_models"] = module  # where dataclasses look their annotations up
    spec.loader.exec_module(module)
    return module


MODELS = _shared()


@pytest.fixture(autouse=True)
def float64() -> Any:
    before = settings.floatx()
    settings.set_floatx("float64")
    yield
    settings.set_floatx(before)


@pytest.mark.parametrize("name", MODELS.TASKS)
def test_a_model_trains_and_evaluates_as_in_keras(name: str) -> None:
    task = MODELS.TASKS[name](kexp)
    count = len(task.model.weights)
    task.model.set_weights([FILE[f"{name} before {i}"] for i in range(count)])
    losses, found = MODELS.train(kexp, task, SGD(0.3))
    np.testing.assert_allclose(losses, FILE[f"{name} loss"], rtol=1e-7)
    for i, weight in enumerate(task.model.get_weights()):
        np.testing.assert_allclose(weight, FILE[f"{name} after {i}"], rtol=1e-7, atol=1e-8, err_msg=str(i))
    np.testing.assert_allclose(found, FILE[f"{name} test"], rtol=1e-7)
