"""The verbs: help, check, show, plugins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kexp.cli import VERBS
from kexp.cli.help import HELP
from kexp.core import keras2
from kexp.version import __version__

CONF = Path(__file__).parents[2] / "conf"
Cli = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_help_names_every_verb(arguments: list[str], cli: Cli) -> None:
    assert cli(*arguments) == (0, HELP + "\n", "")
    assert all(f"\n  {verb} " in HELP for verb in VERBS)


def test_the_version_is_one_line(cli: Cli) -> None:
    assert cli("--version") == (0, f"kexp {__version__}\n", "")


@pytest.mark.parametrize(
    "word, hint",
    [
        ("pluins", "Did you mean `plugins`?\n"),
        ("mine", "To run the experiment: python -m kexp +experiment=mine\n"),
        ("conf/experiment/mine.yaml", "To run the experiment: python -m kexp +experiment=mine\n"),
        ("run", "To run an experiment leave it out: python -m kexp +experiment=NAME\n"),
        ("qqq", "Verbs: check, plugins, show. An experiment is run by: python -m kexp +experiment=NAME\n"),
    ],
)
def test_an_unknown_verb_has_exit_code_2_and_a_hint(word: str, hint: str, cli: Cli) -> None:
    code, _, text = cli(word)
    assert code == 2
    assert text.startswith(f"error: {word!r} is neither a verb nor a setting (key=value).\n{hint}")


def test_check_says_what_would_run_and_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert cli("check", "+experiment=mine", "callbacks=early_stopping", "callbacks.early_stopping.monitor=loss") == (
        0,
        "ok\n"
        "  name       mine\n"
        "  model      sequential: hidden_1 (dense), output (dense)\n"
        "  dataset    xor()\n"
        "  optimizer  adam(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False, use_ema=False, "
        "ema_momentum=0.99)\n"
        "  loss       binary_crossentropy\n"
        "  metrics    accuracy\n"
        "  callbacks  early_stopping\n"
        "  fit        500 epochs, batches of 1, seed 7\n"
        "  backend    numpy, float32\n"
        "  tracking   mlflow\n",
        "",
    )
    assert sorted(tmp_path.rglob("*")) == before


def test_check_counts_the_jobs_of_a_sweep(cli: Cli) -> None:
    code, text, _ = cli("check", "-m", "+experiment=mine", "seed=range(0,100)", "optimizer=sgd,adam")
    assert (code, text.splitlines()[-1]) == (0, "  jobs       200")


def test_check_has_exit_code_2_and_all_mistakes(cli: Cli) -> None:
    code, out, text = cli("check", "+experiment=mine", "loss=mes", "fit.epochs=0")
    assert (code, out) == (2, "")
    assert text.startswith(
        "error: 2 mistakes in the config:\n  command line: loss=mes: loss: no loss is called 'mes'.\n"
    )


def test_show_lists_kinds_components_and_arguments(cli: Cli) -> None:
    code, text, _ = cli("show")
    assert code == 0 and any(line.startswith("callback ") and "early_stopping" in line for line in text.splitlines())
    code, text, _ = cli("show", "trackers")
    assert code == 0 and [line.split()[0] for line in text.splitlines()] == ["mlflow", "none"]
    code, text, _ = cli("show", "layer", "dropout")
    assert code == 0 and "  rate               " in text and "required  float\n" in text
    assert cli("show", "layers/dropout")[1] == text


def test_show_says_which_names_are_the_same_thing(cli: Cli) -> None:
    text = cli("show", "loss")[1]
    assert any(line.split(maxsplit=1) == ["bce", "the same as binary_crossentropy"] for line in text.splitlines())


@pytest.mark.parametrize(
    "arguments, start",
    [
        (
            ["lyers"],
            "error: no kind of component is called 'lyers'. Did you mean 'layers'?\nKnown: layer, activation, ",
        ),
        (["layer", "dens"], "error: no layer is called 'dens'.\nDid you mean 'dense'?\n"),
        (["a", "b", "c"], "error: show takes a kind and a name. Received: a b c\n"),
    ],
)
def test_show_has_exit_code_2_for_what_is_not_there(arguments: list[str], start: str, cli: Cli) -> None:
    code, _, text = cli("show", *arguments)
    assert code == 2 and text.startswith(start)


def test_plugins_sums_up_the_built_in_ones(cli: Cli) -> None:
    code, text, _ = cli("plugins")
    assert code == 0
    assert text.startswith("built in: ") and " layers" in text
    assert "  layers.dense " not in text
    assert "  layers.dense " in cli("plugins", "--verbose")[1]


def test_plugins_reports_each_failure_by_name_and_reason(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(
        "import kexp\nclass Twice(kexp.Layer):\n    def call(self, x): return 2 * x\n"
        "@kexp.hookimpl\ndef kexp_layers(): return {'twice': Twice, 'dense': Twice}\n"
        "@kexp.hookimpl\ndef kexp_layer(): return {}\n"
    )
    (tmp_path / "broken.py").write_text("import nothing_of_this_name\n")
    code, text, _ = cli("plugins", "good.py", "broken.py", "absent.py")
    assert code == 0
    assert "\ngood.py\n  good  kexp_layers  layers: twice, dense\n" in text
    assert "\nbroken.py\n  broken  no hooks  FAILED\n" in text
    assert text.endswith(
        "\n4 problems\n"
        "  plugin good: unknown hook 'kexp_layer', did you mean 'kexp_layers'?\n"
        "  plugin broken: ModuleNotFoundError: No module named 'nothing_of_this_name'\n"
        f"  plugin absent: no such file: {tmp_path}/absent.py\n"
        "  the layer name 'dense' is registered by 2 plugins: kexp_plugins.layers.dense, good\n"
    )
    assert cli("plugins", "--strict", "broken.py")[0] == 1
    assert cli("plugins", "--strict")[0] == 0
    assert cli("plugins", "--strct") == (2, "", "error: no option --strct. Known: --verbose, --strict\n")


def test_a_note_on_an_old_spelling_is_one_line(cli: Cli) -> None:
    keras2._noted.clear()
    code, _, text = cli("check", "+experiment=mine", "+optimizer.lr=0.1")
    assert (code, text) == (0, "note: 'lr' is Keras 2's spelling; it is now 'learning_rate'\n")


@pytest.mark.parametrize("name", sorted(file.stem for file in (CONF / "experiment").glob("*.yaml")))
def test_every_experiment_that_ships_passes_the_check(name: str, cli: Cli) -> None:
    assert cli("check", f"+experiment={name}")[0] == 0
    assert cli("check", f"+experiment={name}", "+debug=fast")[0] == 0
