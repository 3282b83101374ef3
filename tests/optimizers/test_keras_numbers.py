"""The optimizers, and the steps around them, against Keras: tests/fixtures/make_optimizers.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp.core.schedule import Schedule
from kexp.optimizers import get

FIXTURE = np.load(Path(__file__).parents[1] / "fixtures" / "optimizers.npz")
CASES = json.loads(str(FIXTURE["cases"]))
TOLERANCE = {"float32": 2e-6, "float64": 1e-13}


class InverseTime(Schedule):
    def __init__(self, start: float, steps: int, decay: float) -> None:
        self.start, self.steps, self.decay = start, steps, decay

    def rate(self, step: int) -> float:
        return self.start / (1 + self.decay * step / self.steps)


def label(case: tuple[str, dict[str, Any]]) -> str:
    return f"{case[0]}({', '.join(f'{name}={value}' for name, value in case[1].items())})"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("index", range(len(CASES)), ids=[label(case) for case in CASES])
def test_twenty_steps_are_those_of_keras(index: int, dtype: str) -> None:
    name, config = CASES[index]
    if "schedule" in config:
        others = {key: value for key, value in config.items() if key != "schedule"}
        config = {"learning_rate": InverseTime(*config["schedule"])} | others
    optimizer = get({"type": name, **config})
    w, g = FIXTURE["w0"].astype(dtype), np.empty(7, dtype)
    optimizer.build(w, g, [slice(0, 4), slice(4, 7)])
    for gradient, expected in zip(FIXTURE["gradients"], FIXTURE[f"{index}_{dtype}_steps"], strict=True):
        g[:] = gradient
        optimizer.apply()
        np.testing.assert_allclose(w, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    optimizer.finalize()
    np.testing.assert_allclose(w, FIXTURE[f"{index}_{dtype}_end"], rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    assert w.dtype == dtype
    assert {values.dtype for values in optimizer.state.values()} <= {np.dtype(dtype)}
