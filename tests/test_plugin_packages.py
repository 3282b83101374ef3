"""Plugins of other distributions, pip-installed into an environment of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parent / "packages"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment that sees this one's packages, with the two packages installed; its interpreter."""
    folder = tmp_path_factory.mktemp("env")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    purelib = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    ours = sysconfig.get_path("purelib")
    Path(purelib, "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n", encoding="utf-8")
    built = []
    for name in ("acme", "trouble"):
        copy = folder / "packages" / name  # building writes beside the sources
        shutil.copytree(PACKAGES / name, copy)
        built.append(str(copy))
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--no-index", *built], check=True)
    return python


def kexp(python: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, "-m", "kexp", *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def test_its_layer_callback_data_set_and_config_work(environment: Path, tmp_path: Path) -> None:
    done = kexp(environment, tmp_path, "+experiment=acme_demo")
    assert done.returncode == 0, done.stderr
    assert "bend (ScaledTanh)" in done.stdout
    assert done.stdout.count("hey ") == 5


def test_its_arguments_are_checked_like_our_own(environment: Path, tmp_path: Path) -> None:
    done = kexp(
        environment, tmp_path, "+experiment=acme_demo", "model.layers.bend.scale=wide", "+callbacks.shout.tims=2"
    )
    assert done.returncode == 2
    assert "model.layers.bend.scale" in done.stderr
    assert "did you mean 'times'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_troubled_plugins_are_reported_by_name_and_stop_no_run(environment: Path, tmp_path: Path) -> None:
    done = kexp(environment, tmp_path, "+experiment=acme_demo", "fit.epochs=1")
    assert done.returncode == 0
    assert "plugin explodes: RuntimeError: no licence file" in done.stderr
    assert "plugin misspelt: unknown hook 'kexp_layer', did you mean 'kexp_layers'?" in done.stderr
    assert "the layer name 'dropout' is registered by 2 plugins: kexp_plugins.layers.dropout, double" in done.stderr


def test_a_name_registered_twice_stops_a_run_that_needs_it(environment: Path, tmp_path: Path) -> None:
    drop = "+model.layers.drop={type: dropout, rate: 0.1, after: hidden}"
    done = kexp(environment, tmp_path, "+experiment=acme_demo", drop)
    assert done.returncode == 2
    assert "registered by 2 plugins: kexp_plugins.layers.dropout, double" in done.stderr


def test_the_list_of_plugins_tells_versions_components_and_troubles(environment: Path, tmp_path: Path) -> None:
    shown = kexp(environment, tmp_path, "plugins").stdout
    for wanted in (
        "kexp-acme", "2.1", "kexp_layers", "scaled_tanh", "kexp_config_dirs", "kexp-trouble", "0.3",
        "RuntimeError: no licence file", "unknown hook 'kexp_layer'", "dropout",
    ):  # fmt: skip
        assert wanted in shown, wanted
