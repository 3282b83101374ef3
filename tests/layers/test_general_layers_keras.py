"""Pooling, normalization, shapes, merging and attention against Keras, whose numbers are in general_layers.npz."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kexp.layers
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.testing.layer_case import floatx

FIXTURE = np.load(Path(__file__).parents[1] / "fixtures" / "general_layers.npz")
CASES = json.loads(str(FIXTURE["cases"]))
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}


def label(index: int) -> str:
    name, config, shapes, _, _ = CASES[index]
    return f"{name}({', '.join(f'{k}={v}' for k, v in config.items())}) on {shapes}"


def group(index: int, dtype: str, part: str) -> list[Any]:
    found, place = [], 0
    while (key := f"{index}_{dtype}_{part}_{place}") in FIXTURE:
        found.append(FIXTURE[key])
        place += 1
    return found


def built(index: int, dtype: str) -> tuple[Layer, list[Any]]:
    name, config, _, _, values = CASES[index]
    xs, place = [], 0
    while f"{index}_x_{place}" in FIXTURE:
        x = FIXTURE[f"{index}_x_{place}"]
        xs.append(x.astype("int32" if values == "indices" else dtype))
        place += 1
    with floatx(dtype):
        layer = getattr(kexp.layers, name)(**config)
        shapes = [(None, *x.shape[1:]) for x in xs]
        layer.ensure_built(shapes if len(shapes) > 1 else shapes[0])
        layer.set_weights(group(index, dtype, "weight"))
    return layer, xs


def require_close(got: Any, want: Any, dtype: str) -> None:
    assert got.dtype == want.dtype == dtype
    assert got.shape == want.shape
    tolerance = TOLERANCE[dtype]  # twice that where 0 is the sum of numbers of size 1, as in the gradient of a key bias
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=2 * tolerance * max(1, np.abs(want).max(initial=0)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("index", range(len(CASES)), ids=label)
def test_outputs_and_gradients_are_those_of_keras(index: int, dtype: str) -> None:
    training, values = CASES[index][3:]
    layer, xs = built(index, dtype)
    ctx = Context(training)
    y, pullback = layer.forward(*xs, ctx=ctx)
    (want,), (dy,) = group(index, dtype, "y"), group(index, dtype, "dy")
    require_close(y, want, dtype)
    cotangents, gradients = pullback(dy)
    if values != "indices":
        for got, one in zip(cotangents, group(index, dtype, "dx"), strict=True):
            require_close(got, one, dtype)
    learning = [weight.name for weight in layer.weights if weight.learns]
    for name, one in zip(learning, group(index, dtype, "gradient"), strict=True):
        require_close(gradients[name], one, dtype)
    for got, one in zip(ctx.updates.values(), group(index, dtype, "update"), strict=True):
        require_close(got, one, dtype)
