"""The convolution, padding, cropping and up-sampling layers against Keras: tests/fixtures/convolutions.npz."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp.core.context import Context
from kexp.core.layer import Layer, get_layer

FIXTURE = np.load(Path(__file__).parents[1] / "fixtures" / "convolutions.npz")
CASES = json.loads(str(FIXTURE["cases"]))
TOLERANCE = {"float32": {"rtol": 1e-5, "atol": 1e-5}, "float64": {"rtol": 1e-10, "atol": 1e-10}}

every_case = pytest.mark.parametrize(
    "index", range(len(CASES)), ids=lambda i: f"{CASES[i][0]}({', '.join(f'{k}={v}' for k, v in CASES[i][1].items())})"
)
both_dtypes = pytest.mark.parametrize("dtype", ["float32", "float64"])


def layer_of(index: int, dtype: str) -> Layer:
    name, config, shape = CASES[index]
    layer = get_layer({"type": name, **config, "dtype": dtype})
    layer.ensure_built((None, *shape[1:]))
    layer.set_weights([FIXTURE[f"{index}_{weight.name}"] for weight in layer.weights])
    return layer


@both_dtypes
@every_case
def test_outputs_and_gradients_are_those_of_keras(index: int, dtype: str) -> None:
    layer = layer_of(index, dtype)
    y, pullback = layer.forward(FIXTURE[f"{index}_x"].astype(dtype), ctx=Context(True))
    (dx,), gradients = pullback(FIXTURE[f"{index}_dy"].astype(dtype))
    found: dict[str, Any] = {"y": y, "dx": dx} | {f"d{name}": gradient for name, gradient in gradients.items()}
    assert sorted(found) == sorted(
        key.removeprefix(f"{index}_{dtype}_") for key in FIXTURE.files if key.startswith(f"{index}_{dtype}_")
    )
    for name, values in found.items():
        assert values.dtype == dtype
        np.testing.assert_allclose(values, FIXTURE[f"{index}_{dtype}_{name}"], err_msg=name, **TOLERANCE[dtype])


@every_case
def test_the_output_shape_of_unknown_sizes_is_unknown(index: int) -> None:
    layer, shape = layer_of(index, "float32"), CASES[index][2]
    first = CASES[index][1].get("data_format") == "channels_first"
    inner = slice(2, None) if first else slice(1, -1)
    unknown = list(shape)
    unknown[inner] = [None] * (len(shape) - 2)
    out = layer.compute_output_shape(tuple(unknown))
    assert out[inner] == (None,) * (len(shape) - 2)
    assert layer.compute_output_shape(tuple(shape)) == FIXTURE[f"{index}_float32_y"].shape
