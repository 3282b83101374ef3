"""Every experiment that is shipped: its config runs, and what comes out lies within expected.json."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from kexp.config import compose
from kexp.core import files
from kexp.errors import MissingFileError
from kexp.run import run

ROOT = Path(__file__).parent.parent
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
NAMES = sorted(path.stem for path in (ROOT / "conf" / "experiment").glob("*.yaml"))
BY_DOWNLOAD = ["covtype"]
"""Their data are too large to be kept for tests."""


def test_every_config_has_its_folder() -> None:
    assert [name for name in NAMES if not (ROOT / "experiments" / name / "expected.json").exists()] == []
    assert [name for name in NAMES if not (ROOT / "experiments" / name / "README.md").exists()] == []


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.download] if name in BY_DOWNLOAD else []) for name in NAMES]
)
def test_experiment_gives_what_is_expected(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "fashion_mlp" and not DEBIAN.is_dir() and "KEXP_DATA" not in os.environ:
        pytest.skip("Fashion-MNIST is not on this machine (Debian: dataset-fashion-mnist)")
    if folder := os.environ.get("KEXP_TEST_DATA"):
        monkeypatch.setenv("KEXP_DATA", folder)
    if name in BY_DOWNLOAD:
        monkeypatch.setattr(files, "download", refuse)
    expected = json.loads((ROOT / "experiments" / name / "expected.json").read_text("utf-8"))
    config = compose([f"+experiment={name}", "tracking=none", *expected["overrides"]])
    try:
        metrics = run(config, run_dir=tmp_path, console=False).metrics
    except MissingFileError as error:  # real data that are neither here nor to be had
        pytest.skip(str(error).splitlines()[0])
    assert set(expected["metrics"]) <= set(metrics)
    for metric, (low, high) in expected["metrics"].items():
        assert low <= metrics[metric] <= high, f"{metric} is {metrics[metric]}"


def refuse(*_: object) -> None:
    raise OSError("tests download nothing")


def test_covtype_learns_a_small_made_set_of_its_shape(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(1400) % 7 + 1
    measured = np.eye(10)[labels] * 300 + rng.normal(2000, 50, (1400, 10))
    table = np.c_[measured.round(2), rng.integers(0, 2, (1400, 44)), labels]
    np.savetxt(tmp_path / "forest.csv", table, delimiter=",", fmt="%g")
    made = ["dataset=csv", "~dataset.test_fraction", f"dataset.path={tmp_path}/forest.csv", "dataset.target=54"]
    config = compose(["+experiment=covtype", "tracking=none", "fit.epochs=30", *made, "dataset.header=false"])
    result = run(config, run_dir=tmp_path / "run", console=False)
    assert result.evaluated == "test" and result.metrics["accuracy"] > 0.9
    assert result.model is not None and result.model.count_params() == 5831
    assert set(result.model.predict_classes(table[:, :54], labels=True, verbose=0)) == set(range(1, 8))


def test_at_least_half_of_twenty_seeds_solve_xor(tmp_path: Path) -> None:
    solved = 0
    for seed in range(20):
        config = compose(["+experiment=xor", "tracking=none", f"seed={seed}"])
        solved += run(config, run_dir=tmp_path / str(seed), console=False).metrics["accuracy"] == 1.0
    assert solved >= 10
