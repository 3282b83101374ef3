"""Loading plugins: what is registered, what is wrong and with whom, and that nothing broken takes the program down."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kexp import plugins
from kexp.core.layer import Layer
from kexp.errors import ArgumentError, DuplicateNameError, UnknownNameError
from kexp.hookspecs import hookimpl
from kexp.plugins import Plugin, PluginSet
from kexp.registry import Registry


class Twice(Layer):
    """y = 2 x."""

    def call(self, x: Any) -> Any:
        return 2 * x


def module(name: str, **hooks: Any) -> Plugin:
    return Plugin(name, "test", module=SimpleNamespace(__name__=name, **hooks))


def hook(result: Any) -> Any:
    @hookimpl
    def kexp_layers() -> Any:
        return result() if callable(result) else result

    return kexp_layers


def test_a_plugin_registers_what_its_hooks_return() -> None:
    loaded = PluginSet([module("mine", kexp_layers=hook({"twice": Twice}))])
    assert loaded["layer"].get("twice") is Twice
    assert loaded.plugins[0].hooks == ["kexp_layers"]
    assert loaded.plugins[0].components == {"layer": ["twice"]}
    assert loaded.problems() == []


def test_a_misspelt_hook_is_reported_with_the_nearest() -> None:
    @hookimpl
    def kexp_layerz() -> Any:
        return {}

    loaded = PluginSet([module("mine", kexp_layerz=kexp_layerz)])
    assert loaded.problems() == ["plugin mine: unknown hook 'kexp_layerz', did you mean 'kexp_layers'?"]


def test_a_hook_without_its_mark_is_reported() -> None:
    def kexp_layers() -> Any:
        return {"twice": Twice}

    loaded = PluginSet([module("mine", kexp_layers=kexp_layers)])
    assert loaded.problems() == ["plugin mine: kexp_layers is no hook: have you forgotten @kexp.hookimpl?"]
    assert "twice" not in loaded["layer"]


@pytest.mark.parametrize(
    "result, problem",
    [
        (["twice"], "hook kexp_layers: must return a mapping from names to makers. Received: list"),
        ({"twice": 3}, "hook kexp_layers: layer 'twice' must be a class or a function. Received: 3"),
        ({"": Twice}, "hook kexp_layers: a layer name must be a non-empty text. Received: ''"),
        (lambda: 1 / 0, "hook kexp_layers: ZeroDivisionError: division by zero"),
    ],
)
def test_a_hook_that_fails_is_reported_and_others_work(result: Any, problem: str) -> None:
    good = module("good", kexp_layers=hook({"good": Twice}))
    loaded = PluginSet([module("bad", kexp_layers=hook(result)), good])
    assert loaded.problems() == [f"plugin bad: {problem}"]
    assert loaded["layer"].get("good") is Twice


def test_a_name_registered_twice_fails_only_where_it_is_needed() -> None:
    first = module("first", kexp_layers=hook({"twice": Twice, "other": Twice}))
    loaded = PluginSet([first, module("second", kexp_layers=hook({"Twice": Twice}))])
    assert loaded["layer"].get("other") is Twice
    with pytest.raises(DuplicateNameError) as caught:
        loaded["layer"].get("twice")
    assert str(caught.value) == (
        "the layer name 'twice' is registered by 2 plugins: first, second.\n"
        "Uninstall all but one of them, or ask an author to rename."
    )
    assert loaded.problems() == ["the layer name 'twice' is registered by 2 plugins: first, second"]


def test_an_unknown_name_tells_the_nearest_and_which_plugins_failed() -> None:
    broken = Plugin("broken", "test", problems=["RuntimeError: no"])
    loaded = PluginSet([module("mine", kexp_layers=hook({"twice": Twice})), broken])
    with pytest.raises(UnknownNameError) as caught:
        loaded["layer"].get("twise", where="model.layers.a")
    assert str(caught.value) == (
        "no layer is called 'twise' (at model.layers.a).\nDid you mean 'twice'?\nKnown layers: twice.\n"
        "These plugins had problems and may have held it: broken (see `python -m kexp plugins`)."
    )


def test_names_may_be_spelt_in_keras_way() -> None:
    registry = Registry("initializer")
    registry.add("glorot_uniform", dict, "mine")
    assert registry.get("GlorotUniform") is dict
    assert "glorotuniform" in registry


def test_a_spec_without_type_is_refused() -> None:
    with pytest.raises(ArgumentError, match="a layer needs a `type`"):
        Registry("layer").build({"units": 3})


def test_files_folders_and_modules_are_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        "import kexp\n"
        "class {0}(kexp.Layer):\n    def call(self, x): return x\n"
        "@kexp.hookimpl\ndef kexp_layers(): return {{'{0}': {0}}}\n"
    )
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "one.py").write_text(source.format("One"))
    (tmp_path / "two.py").write_text(source.format("Two"))
    (tmp_path / "kexp_test_three.py").write_text(source.format("Three"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("KEXP_PLUGINS", str(tmp_path / "folder"))
    loaded = plugins.load([str(tmp_path / "two.py"), "kexp_test_three"])
    assert loaded.problems() == []
    assert all(name in loaded["layer"] for name in ("One", "Two", "Three", "dense"))


def test_files_that_fail_are_reported(tmp_path: Path) -> None:
    (tmp_path / "syntax.py").write_text("def\n")
    (tmp_path / "exits.py").write_text("raise SystemExit(3)\n")
    (tmp_path / "empty").mkdir()
    names = [str(tmp_path / name) for name in ("syntax.py", "exits.py", "missing.py", "empty")]
    problems = "\n".join(plugins.load([*names, "no_such_module_here"]).problems())
    for wanted in (
        "plugin syntax: SyntaxError",
        "plugin exits: SystemExit: 3",
        "no such file",
        "no *.py file in the folder",
    ):
        assert wanted in problems
    assert "plugin no_such_module_here: ModuleNotFoundError" in problems


def test_config_folders_that_do_not_exist_are_reported() -> None:
    @hookimpl
    def kexp_config_dirs() -> Any:
        return ["/no/such/folder"]

    loaded = PluginSet([module("mine", kexp_config_dirs=kexp_config_dirs)])
    assert loaded.problems() == ["plugin mine: hook kexp_config_dirs: no such config folder: /no/such/folder"]


def test_two_plugins_of_one_name_are_told_shortly() -> None:
    loaded = PluginSet([module("mine", kexp_layers=hook({"a": Twice})), module("mine", kexp_layers=hook({"b": Twice}))])
    assert loaded.problems() == ["plugin mine: another plugin of this name is loaded already"]
