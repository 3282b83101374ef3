"""The losses against Keras, whose numbers are in tests/fixtures/losses.npz."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp.activations import get as activation
from kexp.core.loss import FusedLoss
from kexp.losses import get

FIXTURE = np.load(Path(__file__).parents[1] / "fixtures" / "losses.npz")
CASES = json.loads(str(FIXTURE["cases"]))
OF_LOGITS = [i for i, case in enumerate(CASES) if case[1].get("from_logits") and "Focal" not in case[0]]
TOLERANCE = {"float32": {"rtol": 2e-6, "atol": 1e-6}, "float64": {"rtol": 1e-13, "atol": 1e-14}}

both_dtypes = pytest.mark.parametrize("dtype", ["float32", "float64"])


def label(index: int) -> str:
    name, config, y, _ = CASES[index]
    return f"{name}({', '.join(f'{k}={v}' for k, v in config.items())}) of {y}"


def given(index: int, dtype: str) -> tuple[Any, Any]:
    """Targets as the model hands them to the loss, and predictions."""
    _, _, y, p = CASES[index]
    targets = FIXTURE[y] if y.startswith(("label", "only")) else FIXTURE[y].astype(dtype)
    return targets, FIXTURE[p].astype(dtype)


def expected(index: int, dtype: str, part: str) -> Any:
    return FIXTURE[f"{index}_{dtype}_{part}"]


def share(loss: Any, values: Any) -> float:
    return 1.0 if loss.reduction == "sum" else 1 / values.size


@both_dtypes
@pytest.mark.parametrize("index", range(len(CASES)), ids=label)
def test_values_and_means_are_those_of_keras(index: int, dtype: str) -> None:
    loss = get({"type": CASES[index][0], **CASES[index][1]})
    y, p = given(index, dtype)
    values = loss.values(loss.prepare(y, p.shape), p)
    assert values.dtype == dtype
    if "ignore_class" not in CASES[index][1]:
        np.testing.assert_allclose(values, expected(index, dtype, "values"), **TOLERANCE[dtype])
    np.testing.assert_allclose(
        values.sum() * share(loss, values), expected(index, dtype, "reduced"), **TOLERANCE[dtype]
    )
    np.testing.assert_allclose(loss(y, p), expected(index, dtype, "reduced"), **TOLERANCE[dtype])


@both_dtypes
@pytest.mark.parametrize("index", range(len(CASES)), ids=label)
def test_gradients_are_those_of_keras(index: int, dtype: str) -> None:
    loss = get({"type": CASES[index][0], **CASES[index][1]})
    y, p = given(index, dtype)
    before = p.copy()
    y = loss.prepare(y, p.shape)
    gradient = loss.gradient(y, p)
    assert gradient.dtype == dtype
    assert (p == before).all()
    scaled = gradient * share(loss, loss.values(y, p))
    np.testing.assert_allclose(scaled, expected(index, dtype, "gradient"), **TOLERANCE[dtype])


@both_dtypes
@pytest.mark.parametrize("index", range(len(CASES)), ids=label)
def test_sample_weights_multiply_the_values_as_in_keras(index: int, dtype: str) -> None:
    loss = get({"type": CASES[index][0], **CASES[index][1]})
    y, p = given(index, dtype)
    weight = FIXTURE["weights"][: p[..., 0].size].reshape(p.shape[:-1])
    np.testing.assert_allclose(loss(y, p, weight), expected(index, dtype, "weighted"), **TOLERANCE[dtype])


@both_dtypes
@pytest.mark.parametrize("index", OF_LOGITS, ids=label)
def test_a_loss_that_takes_the_activation_gives_what_keras_gives_from_logits(index: int, dtype: str) -> None:
    config = {k: v for k, v in CASES[index][1].items() if k != "from_logits"}
    loss = get({"type": CASES[index][0], **config})
    last = activation("sigmoid" if CASES[index][0].startswith("Binary") else "softmax")
    fused = loss.fused(last)
    assert isinstance(fused, FusedLoss)
    y, z = given(index, dtype)
    y = loss.prepare(y, z.shape)
    before = z.copy()
    values, gradient = fused.values(y, z), fused.gradient(y, z, last(z))
    assert values.dtype == gradient.dtype == dtype
    assert (z == before).all()
    np.testing.assert_allclose(
        values.sum() * share(loss, values), expected(index, dtype, "reduced"), **TOLERANCE[dtype]
    )
    np.testing.assert_allclose(gradient * share(loss, values), expected(index, dtype, "gradient"), **TOLERANCE[dtype])
