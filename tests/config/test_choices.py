"""What can be chosen: every registered component, files of the user and of plugins, plugins that a config names."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kexp
from kexp import plugins
from kexp.config import compose
from kexp.config.loading import make_loader
from kexp.config.requests import request
from kexp.core.optimizer import Optimizer

Conf = Callable[[str, str], Path]

XOR = """\
# @package _global_
defaults: [override /dataset: xor]
model: {layers: {out: {type: dense, units: 1}}}
loss: mse
"""

PLUGIN = """
import kexp

class Lion(kexp.Optimizer):
    def __init__(self, learning_rate: float = 0.0001, beta: float = 0.9, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.beta = beta

class Mine(kexp.Dataset):
    splits = ("train", "held_out")

@kexp.hookimpl
def kexp_optimizers():
    return {"lion": Lion}

@kexp.hookimpl
def kexp_datasets():
    return {"mine": Mine}
"""


def test_every_optimizer_can_be_chosen_and_comes_with_its_defaults(conf: Conf) -> None:
    for name in plugins.current()["optimizer"]:
        config = compose(["+experiment=xor", f"optimizer={name}"])
        assert config["optimizer"]["type"] == name
        assert config["optimizer"]["learning_rate"] == {"adam": 0.001, "rmsprop": 0.001, "sgd": 0.01}[name]


def test_a_callback_can_be_chosen_and_comes_under_its_name(conf: Conf) -> None:
    config = compose(["+experiment=xor", "callbacks=early_stopping", "callbacks.early_stopping.monitor=loss"])
    assert config["callbacks"]["early_stopping"]["type"] == "early_stopping"
    assert config["callbacks"]["early_stopping"]["patience"] == 0


def test_several_callbacks_can_be_chosen_at_once(conf: Conf) -> None:
    config = compose(
        ["+experiment=xor", "callbacks=[early_stopping,csv_logger]", "callbacks.early_stopping.monitor=loss",
         "+callbacks.csv_logger.filename=log.csv"]
    )  # fmt: skip
    assert list(config["callbacks"]) == ["early_stopping", "csv_logger"]


def test_a_name_may_be_chosen_in_any_spelling_of_case(conf: Conf) -> None:
    assert compose(["+experiment=xor", "optimizer=RMSprop"])["optimizer"]["type"] == "rmsprop"


def test_a_file_of_the_user_wins_over_a_registered_name(conf: Conf) -> None:
    conf("optimizer/sgd.yaml", "type: sgd\nmomentum: 0.9\n")
    assert compose(["+experiment=xor", "optimizer=sgd"])["optimizer"] == {"type": "sgd", "momentum": 0.9}


def test_a_file_of_the_user_wins_over_a_built_in_one(conf: Conf) -> None:
    conf("experiment/digits_mlp.yaml", "# @package _global_\ndefaults: [xor, _self_]\nname: my own\n")
    assert compose(["+experiment=digits_mlp"])["name"] == "my own"


def test_a_primary_config_of_the_user_is_not_read(conf: Conf) -> None:
    conf("config.yaml", "nonsense: 3\n")
    assert compose(["+experiment=xor"])["fit"]["epochs"] == 500


def test_a_folder_given_besides_comes_first(conf: Conf, tmp_path: Path) -> None:
    other = tmp_path / "other" / "experiment"
    other.mkdir(parents=True)
    (other / "xor.yaml").write_text(XOR + "name: other\n")
    assert compose(["+experiment=xor"], config_dir=tmp_path / "other")["name"] == "other"


def test_a_plugin_s_config_folder_is_found(conf: Conf, tmp_path: Path) -> None:
    folder = tmp_path / "shipped" / "experiment"
    folder.mkdir(parents=True)
    (folder / "acme.yaml").write_text("# @package _global_\ndefaults: [xor, _self_]\nseed: 42\n")

    class Acme:
        @staticmethod
        @kexp.hookimpl
        def kexp_config_dirs() -> list[Path]:
            return [tmp_path / "shipped"]

    with plugins.using(plugins.with_modules(Acme)):
        assert compose(["+experiment=acme"])["seed"] == 42


@pytest.mark.parametrize("where", ["command line", "body", "environment"])
def test_a_plugin_file_is_loaded_before_its_names_are_looked_up(
    where: str, conf: Conf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_plugin.py").write_text(PLUGIN)
    named = "plugins: [my_plugin.py]\n" if where == "body" else ""
    conf(
        "experiment/x.yaml",
        "# @package _global_\ndefaults: [xor, _self_, override /dataset: mine, override /optimizer: lion]\n"
        f"{named}fit: {{validation_data: held_out}}\n",
    )
    overrides = ["+experiment=x", *(["plugins=[my_plugin.py]"] if where == "command line" else [])]
    if where == "environment":
        monkeypatch.setenv("KEXP_PLUGINS", str(tmp_path / "my_plugin.py"))
        plugins.use(None)
    config = compose(overrides)
    assert (config["dataset"], config["optimizer"]["beta"]) == ({"type": "mine"}, 0.9)


def test_a_plugin_that_fails_is_named_where_its_name_is_missed_and_stops_nothing_else(
    conf: Conf, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text("1/0")
    assert request(["+experiment=xor", "plugins=[broken.py]"]).prepared.problems == []
    assert "plugin broken: ZeroDivisionError: division by zero" in plugins.current().problems()
    (problem,) = request(["+experiment=xor", "plugins=[broken.py]", "optimizer=lion"]).prepared.problems
    assert problem.message == (
        "no optimizer is called 'lion'.\nKnown optimizers: adam, rmsprop, sgd.\n"
        "These plugins had problems and may have held it: broken (see `python -m kexp plugins`)."
    )


def test_a_name_registered_twice_stops_only_a_run_that_needs_it(conf: Conf) -> None:
    class Twin(Optimizer):
        pass

    class Acme:
        __name__ = "acme"

        @staticmethod
        @kexp.hookimpl
        def kexp_optimizers() -> dict[str, Any]:
            return {"sgd": Twin}

    with plugins.using(plugins.with_modules(Acme())):
        assert request(["+experiment=xor"]).prepared.problems == []
        (problem,) = request(["+experiment=xor", "optimizer=sgd"]).prepared.problems
        assert str(problem) == (
            "command line: optimizer=sgd: optimizer.type: the optimizer name 'sgd' is registered by 2 plugins: "
            "kexp_plugins.optimizers.sgd, acme.\nUninstall all but one of them, or ask an author to rename."
        )


def test_a_constructor_that_fails_is_told_by_its_key(conf: Conf) -> None:
    def moody(learning_rate: float = 0.1) -> Optimizer:
        raise RuntimeError("not today")

    class Acme:
        @staticmethod
        @kexp.hookimpl
        def kexp_optimizers() -> dict[str, Any]:
            return {"moody": moody}

    with plugins.using(plugins.with_modules(Acme)):
        (problem,) = request(["+experiment=xor", "optimizer=moody"]).prepared.problems
        assert str(problem) == (
            "command line: optimizer=moody: optimizer: optimizer 'moody' cannot be made: RuntimeError: not today"
        )


def test_a_loader_sent_to_another_process_composes_there_what_it_would_here(conf: Conf, tmp_path: Path) -> None:
    (tmp_path / "my_plugin.py").write_text(PLUGIN)
    compose(["+experiment=xor", "plugins=[my_plugin.py]", "optimizer=lion"])
    (tmp_path / "loader.pickle").write_bytes(pickle.dumps(make_loader()))
    code = (
        "import pickle, sys, kexp.config.loading as loading\n"
        "loading.prepare_hydra()\n"
        "loader = pickle.load(open('loader.pickle', 'rb'))\n"
        "from hydra.types import RunMode\n"
        "print(loader.load_configuration('config', ['+experiment=xor', 'optimizer=lion'], RunMode.RUN).optimizer.beta)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0.9\n", "")
