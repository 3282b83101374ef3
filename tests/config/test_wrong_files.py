"""Mistakes in config files: each with file and line, word for word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kexp.config.sections import TOP_LEVEL, FitSettings
from kexp.config.signature import arguments, arguments_of

Conf = Callable[[str, str], Path]
Mistakes = Callable[..., list[str]]

HEAD = "# @package _global_\ndefaults: [xor, _self_]\n"
GLOBAL = "# @package _global_\n"
MISPLACED = (
    "the file's content landed under `experiment`, which is no key of a config. "
    "To set the config's own keys, its first line must be `# @package _global_`"
)

CASES: dict[str, tuple[str, list[str]]] = {
    "syntax": (
        GLOBAL + "model:\n  layers: {a: 1\nfit: 3\n",
        ["x.yaml:4: not valid YAML: expected ',' or '}', but got ':', while parsing a flow mapping"],
    ),
    "tab": (
        GLOBAL + "fit:\n\tepochs: 3\n",
        [
            "x.yaml:3: not valid YAML: found character '\\t' that cannot start any token, "
            "while scanning for the next token; indent with spaces, not tabs"
        ],
    ),
    "key twice": (HEAD + "fit:\n  epochs: 3\n  epochs: 4\n", ["x.yaml:5: fit.epochs: this key stands here twice"]),
    "list": ("- a\n", ["x.yaml:1: experiment: a config file must be a map, such as `fit: {epochs: 3}`"]),
    "text": ("hello\n", ["x.yaml:1: experiment: a config file must be a map, such as `fit: {epochs: 3}`"]),
    "empty": ("", ["x.yaml:1: experiment: the file is empty"]),
    "no header": ("defaults: [xor, _self_]\nfit: {epochs: 3}\n", [f"x.yaml:1: experiment: {MISPLACED}"]),
    "comment before the header": ("# mine\n" + GLOBAL + "seed: 1\n", [f"x.yaml:1: experiment: {MISPLACED}"]),
    "bad header": (
        "# @package\nseed: 1\n", ["x.yaml:1: a header has the form `# @package _global_`. Received: '# @package'"],
    ),
    "unknown key": (
        HEAD + "los: mse\n", [f"x.yaml:3: los: unknown key; did you mean 'loss'?\nKnown: {', '.join(TOP_LEVEL)}"],
    ),
    "unknown key of fit": (
        HEAD + "fit: {batchsize: 3}\n",
        [f"x.yaml:3: fit.batchsize: unknown key; did you mean 'batch_size'?\nKnown: {', '.join(arguments(FitSettings))}"],
    ),
    "unknown argument on its own line": (
        HEAD + "model:\n  layers:\n    hidden_1:\n      unit: 8\n",
        [
            "x.yaml:6: model.layers.hidden_1.unit: layer 'dense' has no argument 'unit'; did you mean 'units'?\n"
            "Known: {dense}"
        ],
    ),
    "argument merged by an anchor": (
        HEAD + "model:\n  layers:\n    a: &a {type: dense, units: 3}\n    b:\n      <<: *a\n      unit: 3\n",
        ["x.yaml:8: model.layers.b.unit: layer 'dense' has no argument 'unit'; did you mean 'units'?\nKnown: {dense}"],
    ),
    "wrong type": (
        HEAD + "model:\n  layers:\n    hidden_1: {units: 8x}\n",
        ["x.yaml:5: model.layers.hidden_1.units: expected int, got '8x'"],
    ),
    "yes for a text": (
        HEAD + "model: {layers: {hidden_1: {activation: yes}}}\n",
        ["x.yaml:3: model.layers.hidden_1.activation: expected an activation (its name, or a map with `type`), got true"],
    ),
    "float for an int": (HEAD + "fit: {epochs: 1e3}\n", ["x.yaml:3: fit.epochs: expected int, got 1000.0"]),
    "bad item of a list": (
        HEAD + "metrics:\n  - accuracy\n  - 3\n",
        ["x.yaml:5: metrics[1]: expected a metric: a name, or a map with `type`. Got 3"],
    ),
    "map for a list": (
        HEAD + "metrics: {accuracy: {}}\n", ["x.yaml:3: metrics: expected a list, such as `metrics: [accuracy]`; got a map"],
    ),
    "list of layers": (
        HEAD + "model:\n  layers:\n    - {type: dense}\n",
        ["x.yaml:4: model.layers: expected a map, got a list; give each layer a name, such as `hidden: {type: dense, units: 8}`"],
    ),
    "list of callbacks": (
        HEAD + "callbacks: [early_stopping]\n",
        ["x.yaml:3: callbacks: expected a map, got a list; give each callback a name, such as `early_stopping: {patience: 3}`"],
    ),
    "null for a callback": (
        HEAD + "callbacks:\n  early_stopping:\n",
        [
            "x.yaml:4: callbacks.early_stopping: null drops a callback, and there is none to drop; "
            "for its defaults write `early_stopping: {}`"
        ],
    ),
    "null for a layer": (
        HEAD + "model:\n  layers:\n    flatten:\n",
        ["x.yaml:5: model.layers.flatten: null drops a layer, and there is none to drop; for its defaults write `flatten: {}`"],
    ),
    "left open": (
        "# @package _global_\ndefaults:\n  - override /dataset: xor\nseed: ???\nloss: mse\n"
        "model:\n  layers:\n    out:\n      type: dense\n      units: ???\n",
        ["x.yaml:10: model.layers.out.units: a value must be given here: the config leaves it open (???)"],
    ),
    "interpolation of nothing": (
        HEAD + "seed: ${fit.epoch}\n",
        ["x.yaml:3: seed: '${fit.epoch}' cannot be resolved: Interpolation key 'fit.epoch' not found"],
    ),
    "interpolation cut off": (
        HEAD + "seed: ${fit.epochs\n", ["x.yaml:3: seed: '${fit.epochs' is no interpolation; it has the form ${fit.epochs}"],
    ),
    "an option that is not there": (
        "# @package _global_\ndefaults:\n  - xor\n  - _self_\n  - override /optimizer: addam\n",
        ["x.yaml:5: optimizer.type: no optimizer is called 'addam'.\nDid you mean 'adam'?\nKnown optimizers: adam, rmsprop, sgd."],
    ),
    "a group that is not there": (
        "# @package _global_\ndefaults:\n  - override /optimzer: adam\n",
        ["x.yaml:3: defaults: no group is called 'optimzer'; did you mean `override /optimizer`?"],
    ),
    "a group without its slash": (
        "# @package _global_\ndefaults:\n  - override optimizer: adam\n",
        ["x.yaml:3: defaults: no group is called 'optimizer' here; did you mean `override /optimizer`?"],
    ),
    "a choice without override": (
        "# @package _global_\ndefaults:\n  - /optimizer: adam\n",
        ["x.yaml:3: defaults: an option of 'optimizer' is chosen already; write `override /optimizer: NAME`"],
    ),
    "override before others": (
        "# @package _global_\ndefaults:\n  - override /optimizer: adam\n  - xor\n",
        ["x.yaml:4: defaults: the entries with `override` must be the last ones of the defaults list"],
    ),
    "a map of defaults": (
        "# @package _global_\ndefaults: {optimizer: adam}\n",
        ["x.yaml:2: defaults: the defaults list must be a list, such as `- override /optimizer: adam`"],
    ),
    "defaults that lead in a circle": (
        "# @package _global_\ndefaults: [x]\n", ["x.yaml:2: defaults: 'experiment/x' leads back to itself"],
    ),
    "a dotted path": (
        HEAD + "model:\n  layers:\n    bad: {_target_: os.system}\n",
        [
            "x.yaml:5: model.layers.bad._target_: `_target_` is not used here: components are looked up by their "
            "registered names. Write `type: NAME`"
        ],
    ),
    "a circle of layers": (
        HEAD + "model:\n  layers:\n    d: {type: flatten, after: e}\n    e: {type: flatten, after: d}\n",
        [
            "x.yaml:5: model.layers.d: `after` and `before` go in a circle: d, e",
            "x.yaml:6: model.layers.e: `after` and `before` go in a circle: d, e",
        ],
    ),
    "both kinds of validation data": (
        HEAD + "fit: {validation_split: 0.5, validation_data: train}\n",
        [
            "x.yaml:3: fit.validation_data: validation_data and validation_split cannot both be given. "
            "Received: 'train' and 0.5"
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told_with_file_line_and_key(case: str, conf: Conf, mistakes: Mistakes) -> None:
    text, expected = CASES[case]
    conf("experiment/x.yaml", text)
    dense = ", ".join(arguments_of("layer", "dense"))
    assert mistakes(experiment="x") == [f"conf/experiment/{line}".replace("{dense}", dense) for line in expected]


def test_all_mistakes_of_a_file_come_at_once(conf: Conf, mistakes: Mistakes) -> None:
    conf(
        "experiment/x.yaml",
        """\
# @package _global_
defaults:
  - override /dataset: xor
  - override /optimizer: addam
model:
  layers:
    hidden: {type: dense, unit: 8}
    hidden_2:
      type: dense
      units: 8x
    output: {type: dens, units: 1}
los: mse
metrics: [acuracy]
fit: {epochs: "3", batchsize: 3}
callbacks:
  early_stopping: {monitor: val_loss, patience: -1}
  csv_logger: {}
""",
    )
    found = mistakes(experiment="x")
    assert [text.partition(": ")[0].removeprefix("conf/experiment/") for text in found] == [
        "x.yaml:12", "x.yaml:7", "x.yaml:10", "x.yaml:11", "x.yaml:4", "loss", "x.yaml:13", "x.yaml:14", "x.yaml:14",
        "x.yaml:16", "x.yaml:17",
    ]  # fmt: skip


def test_a_mistake_stands_where_the_last_file_wrote_it(conf: Conf, mistakes: Mistakes) -> None:
    conf("experiment/base.yaml", HEAD + "fit: {epochs: 0}\n")
    assert mistakes(experiment="base") == [
        "conf/experiment/base.yaml:3: fit.epochs: epochs must be a positive int. Received: 0"
    ]
    conf("experiment/top.yaml", "# @package _global_\ndefaults: [base, _self_]\nfit: {epochs: -1}\n")
    assert mistakes(experiment="top") == [
        "conf/experiment/top.yaml:3: fit.epochs: epochs must be a positive int. Received: -1"
    ]
    assert mistakes("fit.epochs=-2", experiment="top") == [
        "command line: fit.epochs=-2: fit.epochs: epochs must be a positive int. Received: -2"
    ]


def test_a_mistake_in_an_option_file_has_its_line(conf: Conf, mistakes: Mistakes) -> None:
    conf("optimizer/mine.yaml", "type: sgd\nmomentum: high\n")
    assert mistakes("optimizer=mine") == ["conf/optimizer/mine.yaml:2: optimizer.momentum: expected float, got 'high'"]


def test_a_file_that_ends_in_yml_is_told(conf: Conf, mistakes: Mistakes) -> None:
    conf("experiment/y.yml", "# @package _global_\n")
    assert mistakes(experiment="y")[0].startswith(
        "command line: +experiment=y: experiment: no experiment is called 'y'. Its file must end in .yaml.\n"
    )


def test_a_search_path_that_is_not_there_is_told(mistakes: Mistakes) -> None:
    assert mistakes("hydra.searchpath=[file://nowhere]") == ["command line: hydra.searchpath: no such folder: nowhere"]


def test_a_file_that_is_no_text_is_told(conf: Conf, mistakes: Mistakes) -> None:
    conf("experiment/x.yaml", "").write_bytes(b"# @package _global_\nname: \xff\n")
    assert mistakes(experiment="x") == [
        "conf/experiment/x.yaml: the file cannot be read: 'utf-8' codec can't decode byte 0xff in position 26: "
        "invalid start byte"
    ]
