"""The command line as a process: exit codes, no traceback, and what is not imported before it is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {"mlflow", "pandas", "sklearn", "matplotlib", "scipy", "cupy", "numba"}


def kexp(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("KEXP_", "HYDRA_"))}
    return subprocess.run(
        [sys.executable, "-m", "kexp", *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


def modules_after(arguments: list[str], cwd: Path) -> set[str]:
    code = f"import sys; from kexp.cli import main; main({arguments!r}); print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def test_a_run_trains_and_leaves_its_files(tmp_path: Path) -> None:
    done = kexp("+experiment=xor", "fit.epochs=2", "tracking=none", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    (folder,) = (tmp_path / "runs").glob("*/*")
    assert (folder / "config.yaml").read_text().startswith("model:")
    assert "Epoch" in done.stdout


def test_a_wrong_config_ends_with_2_and_one_message(tmp_path: Path) -> None:
    done = kexp("+experiment=xor", "fit.epochs=ten", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "error: 1 mistake in the config:\n  command line: fit.epochs=ten: fit.epochs: expected int, got 'ten'\n",
    )


def test_a_reader_that_goes_away_costs_no_traceback(tmp_path: Path) -> None:
    command = f"{sys.executable} -m kexp show layer dense | head -c 1"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_imports_neither_hydra_nor_numpy(arguments: list[str], tmp_path: Path) -> None:
    loaded = modules_after(arguments, tmp_path)
    assert not loaded & (SLOW | {"hydra", "omegaconf", "pydantic", "numpy", "rich"})


def test_a_config_error_imports_none_of_the_slow_libraries(tmp_path: Path) -> None:
    assert not modules_after(["+experiment=xor", "fit.epochs=ten"], tmp_path) & SLOW


def test_importing_the_config_package_is_light(tmp_path: Path) -> None:
    code = "import sys, kexp.config; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert not set(done.stdout.splitlines()) & (SLOW | {"hydra", "omegaconf", "pydantic"})
