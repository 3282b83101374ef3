"""Runs the command line in this process, in a working directory of its own, with a stand-in for the run itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import kexp.cli.job
from kexp import plugins
from kexp.cli import main

XOR = """\
# @package _global_
defaults:
  - override /dataset: xor
  - override /optimizer: adam
seed: 7
model:
  layers:
    hidden_1: {type: dense, units: 8, activation: relu}
    output: {type: dense, units: 1, activation: sigmoid}
loss: binary_crossentropy
metrics: [accuracy]
fit: {batch_size: 1, epochs: 500}
"""


class Runs(list[dict[str, Any]]):
    """What the stand-in was called with; `fail` maps the number of a call to what it raises."""

    fail: dict[int, BaseException]

    def __call__(self, config: dict[str, Any], *, run_dir: Path, tags: Mapping[str, str], **given: Any) -> None:
        self.append({"config": config, "run_dir": run_dir, "tags": dict(tags), **given})
        if len(self) in self.fail:
            raise self.fail[len(self)]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Stands in for kexp.run.run."""
    made = Runs()
    made.fail = {}
    monkeypatch.setattr(kexp.cli.job, "run", made)
    return made


@pytest.fixture(autouse=True)
def working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh folder with conf/experiment/mine.yaml; plugins that a test loads do not outlive it."""
    monkeypatch.chdir(tmp_path)
    for name in ("KEXP_DEBUG", "HYDRA_FULL_ERROR", "KEXP_PLUGINS"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "conf" / "experiment" / "mine.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(XOR)
    with plugins.using(plugins.with_names()):
        yield tmp_path


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command line: (exit code, standard output, standard error)."""

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        out = capsys.readouterr()
        return code, out.out, out.err

    return call
