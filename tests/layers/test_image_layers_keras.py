"""The image layers against Keras: tests/fixtures/images.npz. Chance is taken out: all factors are pairs of equals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp.core.context import Context
from kexp.core.layer import get_layer
from kexp.layers import RandomContrast, RandomShear, Resizing
from kexp_plugins.transforms.affine import maps_of
from kexp_plugins.transforms.warping import Sampling, warp

FIXTURE = np.load(Path(__file__).parents[1] / "fixtures" / "images.npz")
CASES = json.loads(str(FIXTURE["cases"]))
every_case = pytest.mark.parametrize(
    "index", range(len(CASES)), ids=lambda i: f"{CASES[i][0]}({', '.join(f'{k}={v}' for k, v in CASES[i][1].items())})"
)


@every_case
def test_images_and_pullbacks_are_those_of_keras(index: int) -> None:
    name, config, _ = CASES[index]
    x, dy, y, dx = (FIXTURE[f"{index}_{part}"] for part in ("x", "dy", "y", "dx"))
    layer = get_layer({"type": name, **config})
    found, pullback = layer.forward(x, ctx=Context(True))
    (back,), gradients = pullback(dy)
    scale = max(1.0, float(x.max()))
    np.testing.assert_allclose(found, y, rtol=1e-4, atol=2e-5 * scale)
    np.testing.assert_allclose(back, dx, rtol=1e-4, atol=1e-4)
    assert found.dtype == back.dtype == np.float32
    assert gradients == {}


@every_case
def test_float64_images_agree_too(index: int) -> None:
    name, config, _ = CASES[index]
    layer = get_layer({"type": name, **config, "dtype": "float64"})
    found, _ = layer.forward(FIXTURE[f"{index}_x"].astype("float64"), ctx=Context(True))
    assert found.dtype == np.float64
    np.testing.assert_allclose(
        found, FIXTURE[f"{index}_y"], rtol=1e-4, atol=1e-4 * max(1.0, FIXTURE[f"{index}_x"].max())
    )


@pytest.mark.parametrize("index, fill_mode", [(0, "reflect"), (1, "constant")])
def test_a_shear_is_that_of_keras(index: int, fill_mode: str) -> None:
    x, y = FIXTURE[f"shear{index}_x"], FIXTURE[f"shear{index}_y"]
    given = maps_of(2, a1=np.array([0.4, -0.4]), b0=np.array([0.15, -0.15]))
    np.testing.assert_allclose(warp(x, given, Sampling(fill_mode)), y, atol=2e-5)
    layer = RandomShear((0.4, 0.4), (0.15, 0.15), fill_mode=fill_mode, seed=3)
    signs = []
    for _ in range(20):
        drawn = layer(x[:1])
        signs.append(int(np.allclose(drawn, y[:1], atol=2e-5)))
        if not signs[-1]:
            opposite = warp(x[:1], maps_of(1, a1=-0.4, b0=-0.15), Sampling(fill_mode))
            np.testing.assert_allclose(drawn, opposite, atol=2e-5)
    assert 0 < sum(signs) < 20


class Given:
    """A stream whose numbers are given."""

    def __init__(self, numbers: Any) -> None:
        self.numbers = np.asarray(numbers)

    def uniform(self, low: float, high: float, shape: Any) -> Any:
        assert (low, high) == (0.5, 1.5)
        return self.numbers.reshape(shape)


def test_a_contrast_is_that_of_keras() -> None:
    ctx = Context(True)
    ctx.stream = Given([0.6, 1.4])  # type: ignore[assignment]
    found, _ = RandomContrast(0.5, value_range=(0, 1)).forward(FIXTURE["contrast_x"], ctx=ctx)
    np.testing.assert_allclose(found, FIXTURE["contrast_y"], atol=1e-6)


@pytest.mark.parametrize("kernel", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])
def test_bytes_are_resized_to_bytes_as_in_keras(kernel: str) -> None:
    found = Resizing(4, 13, interpolation=kernel)(FIXTURE[f"bytes_{kernel}_x"])
    assert found.dtype == np.uint8
    off = np.abs(found.astype(int) - FIXTURE[f"bytes_{kernel}_y"])
    assert off.max() <= 1 and (off > 0).mean() < 0.05  # a half may be rounded either way
