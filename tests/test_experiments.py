"""Every experiment that is shipped: its config runs, and what comes out lies within expected.json."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kexp.config import compose
from kexp.run import run

ROOT = Path(__file__).parent.parent
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
NAMES = sorted(path.stem for path in (ROOT / "conf" / "experiment").glob("*.yaml"))


def test_every_config_has_its_folder() -> None:
    assert [name for name in NAMES if not (ROOT / "experiments" / name / "expected.json").exists()] == []
    assert [name for name in NAMES if not (ROOT / "experiments" / name / "README.md").exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_experiment_gives_what_is_expected(name: str, tmp_path: Path) -> None:
    if name == "fashion_mlp" and not DEBIAN.is_dir() and "KEXP_DATA" not in os.environ:
        pytest.skip("Fashion-MNIST is not on this machine (Debian: dataset-fashion-mnist)")
    expected = json.loads((ROOT / "experiments" / name / "expected.json").read_text("utf-8"))
    config = compose([f"+experiment={name}", "tracking=none", *expected["overrides"]])
    metrics = run(config, run_dir=tmp_path, console=False).metrics
    assert set(expected["metrics"]) <= set(metrics)
    for metric, (low, high) in expected["metrics"].items():
        assert low <= metrics[metric] <= high, f"{metric} is {metrics[metric]}"


def test_at_least_half_of_twenty_seeds_solve_xor(tmp_path: Path) -> None:
    solved = 0
    for seed in range(20):
        config = compose(["+experiment=xor", "tracking=none", f"seed={seed}"])
        solved += run(config, run_dir=tmp_path / str(seed), console=False).metrics["accuracy"] == 1.0
    assert solved >= 10
