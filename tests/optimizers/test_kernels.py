"""The optimizers' kernels against their formulas, written plainly in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.backend.kernels import BLOCK, Kernels

SIZES = [1, 7, BLOCK, 2 * BLOCK + 5]


def vectors(size: int, *names: str) -> dict[str, np.ndarray[Any, Any]]:
    rng = np.random.default_rng(size)
    return {name: rng.uniform(0.1, 1, size) * (rng.choice([-1, 1], size) if name in "wg" else 1) for name in names}


@pytest.mark.parametrize("size", SIZES)
def test_sgd_follows_its_formula(size: int) -> None:
    v = vectors(size, "w", "g")
    expected = v["w"] - 0.3 * v["g"]
    Kernels().sgd(v["w"], v["g"], lr=0.3)
    np.testing.assert_allclose(v["w"], expected, rtol=1e-14)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_momentum_follows_its_formula(size: int, nesterov: bool) -> None:
    v = vectors(size, "w", "g", "v")
    velocity = 0.9 * v["v"] - 0.3 * v["g"]
    expected = v["w"] + (0.9 * velocity - 0.3 * v["g"] if nesterov else velocity)
    Kernels().momentum(v["w"], v["g"], v["v"], lr=0.3, momentum=0.9, nesterov=nesterov)
    np.testing.assert_allclose(v["w"], expected, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(v["v"], velocity, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("amsgrad", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_adam_follows_its_formula(size: int, amsgrad: bool) -> None:
    v = vectors(size, "w", "g", "m", "v", "vhat")
    first, second = 0.9 * v["m"] + v["g"], 0.8 * v["v"] + v["g"] ** 2
    largest = np.maximum(v["vhat"], second)
    expected = v["w"] - 0.3 * 0.1 * first / (np.sqrt(0.2 * (largest if amsgrad else second)) + 1e-3)
    untouched = v["vhat"].copy()
    Kernels().adam(
        v["w"], v["g"], v["m"], v["v"], v["vhat"] if amsgrad else None, alpha=0.3, beta_1=0.9, beta_2=0.8, epsilon=1e-3
    )
    np.testing.assert_allclose(v["w"], expected, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(v["m"], first, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(v["v"], second, rtol=1e-13)
    np.testing.assert_allclose(v["vhat"], largest if amsgrad else untouched, rtol=1e-13)


@pytest.mark.parametrize("momentum", [0.0, 0.6])
@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_rmsprop_follows_its_formula(size: int, centered: bool, momentum: float) -> None:
    v = vectors(size, "w", "g", "v", "sum", "average")
    v["v"] += 3  # more than the square of the average, as it is in training
    square, average = 0.7 * v["v"] + v["g"] ** 2, 0.7 * v["average"] + v["g"]
    step = 0.2 * v["g"] / np.sqrt(0.3 * square - ((0.3 * average) ** 2 if centered else 0) + 1e-3)
    if momentum:
        step += momentum * v["sum"]
    expected = v["w"] - step
    Kernels().rmsprop(
        v["w"], v["g"], v["v"], v["sum"] if momentum else None, v["average"] if centered else None,
        lr=0.2, rho=0.7, momentum=momentum, epsilon=1e-3,
    )  # fmt: skip
    np.testing.assert_allclose(v["w"], expected, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(v["v"], square, rtol=1e-13)
    if momentum:
        np.testing.assert_allclose(v["sum"], step, rtol=1e-13, atol=1e-14)
    if centered:
        np.testing.assert_allclose(v["average"], average, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam_on_two_threads_gives_the_very_bytes_of_one(monkeypatch: pytest.MonkeyPatch, amsgrad: bool) -> None:
    from kexp.backend import kernels

    def stepped() -> list[np.ndarray]:
        rng = np.random.default_rng(3)
        w, g, m = (rng.standard_normal(300_001, dtype="float32") for _ in range(3))
        v, vhat = np.abs(m), np.abs(m) if amsgrad else None
        for step in range(1, 4):
            kernels.Kernels().adam(w, g * step, m, v, vhat, alpha=0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-7)
        return [w, m, v]

    two = stepped()
    monkeypatch.setattr(kernels, "_helper", lambda: None)
    assert all(np.array_equal(a, b) for a, b in zip(two, stepped(), strict=True))
