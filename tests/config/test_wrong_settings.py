"""Mistakes on the command line: each with its key and what to write instead, word for word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kexp.cli.words import experiments
from kexp.config.sections import TOP_LEVEL, FitSettings
from kexp.config.signature import arguments, arguments_of

FIT = ", ".join(arguments(FitSettings))
TOP = ", ".join(TOP_LEVEL)
COMPOSED = "model, dataset, optimizer, backend, tracking, name, seed, floatx, plugins, pipeline, target_pipeline, fold, loss, metrics, callbacks, evaluate, fit"
ACTIVATIONS = "linear, relu, sigmoid, softmax"
METRICS = "acc, accuracy, binary_accuracy, categorical_accuracy, mae, mean_absolute_error"
LOSSES = "bce, binary_crossentropy, mean_squared_error, mse"


def args(kind: str, name: str) -> str:
    return ", ".join(arguments_of(kind, name))


DENSE = ("type, units, activation", args("layer", "dense"))

# overrides -> what is said of them; "$" stands for "command line: " and the first override
CASES: dict[str, list[str]] = {
    # choosing
    "optimizer=addam": [
        "$: optimizer.type: no optimizer is called 'addam'.\nDid you mean 'adam'?\nKnown optimizers: adam, rmsprop, sgd."
    ],
    "dataset=digts": [
        "$: dataset.type: no dataset is called 'digts'.\nDid you mean 'digits'?\nKnown datasets: csv, digits, xor."
    ],
    "backend=torch": ["$: backend.type: no backend is called 'torch'.\nKnown backends: cupy, numpy."],
    "tracking=mlfow": ["$: tracking.type: no tracker is called 'mlfow'.\nDid you mean 'mlflow'?\nKnown trackers: mlflow, none."],
    "model=mlp": ["$: model.type: no model is called 'mlp'.\nKnown models: functional, sequential."],
    "model.type=sequental": [
        "$: model.type: no model is called 'sequental'.\nDid you mean 'sequential'?\nKnown models: functional, sequential."
    ],
    "callbacks=early_stoping": [
        "$: callbacks.early_stoping: no callback is called 'early_stoping'.\nDid you mean 'early_stopping'?\n"
        "Without a `type`, an entry's own name stands for it.\nKnown callbacks: csv_logger, early_stopping."
    ],
    "+optimizer=sgd": ["$: optimizer: an option of 'optimizer' is chosen already; write optimizer=sgd"],
    "++optimizer=sgd": ["$: optimizer: an option of a group is chosen without ++; write optimizer=sgd"],
    "optimizer=null": [
        "$: optimizer: an option of 'optimizer' is chosen by its name, got null\nKnown: adam, rmsprop, sgd."
    ],
    "tracking=null": [
        "$: tracking: an option of 'tracking' is chosen by its name, got null; for none, write tracking=none\n"
        "Known: mlflow, none."
    ],
    "~dataset": ["dataset: no dataset is chosen; write dataset=NAME, such as dataset=xor\nKnown: csv, digits, xor"],
    "~debug": ["$: debug: there is nothing to remove: no option of 'debug' is chosen"],
    "hydra/launcher=jobib": ["$: hydra/launcher: no hydra/launcher is called 'jobib'.\nKnown: basic."],
    # keys that are not there
    "epochs=3": [f"$: epochs: no such key; did you mean 'fit.epochs'?\nKnown: {COMPOSED}"],
    "lr=0.1": [f"$: lr: no such key; did you mean 'optimizer.learning_rate'?\nKnown: {COMPOSED}"],
    "units=3": [f"$: units: no such key; did you mean 'model.layers.hidden_1.units'?\nKnown: {COMPOSED}"],
    "optimizer.lr=0.1": [
        f"$: optimizer.lr: no such key; did you mean 'optimizer.learning_rate'?\nKnown: type, {args('optimizer', 'adam')}"
    ],
    "optimizer.learning_rat=0.1": [
        f"$: optimizer.learning_rat: no such key; did you mean 'optimizer.learning_rate'?\n"
        f"Known: type, {args('optimizer', 'adam')}"
    ],
    "+optimizer.learning_rat=0.1": [
        "$: optimizer.learning_rat: optimizer 'adam' has no argument 'learning_rat'; did you mean 'learning_rate'?\n"
        f"Known: {args('optimizer', 'adam')}"
    ],
    "fit.epoch=3": [f"$: fit.epoch: no such key; did you mean 'fit.epochs'?\nKnown: {FIT}"],
    "+fit.epoch=3": [f"$: fit.epoch: unknown key; did you mean 'epochs'?\nKnown: {FIT}"],
    "+typo=1": [f"$: typo: unknown key.\nKnown: {TOP}"],
    "+losss=mse": [f"$: losss: unknown key; did you mean 'loss'?\nKnown: {TOP}"],
    "+fit.epochs=3": ["$: fit.epochs: it is set already; write fit.epochs=3"],
    "model.layers.hiden_1.units=8": [
        "$: model.layers.hiden_1.units: there is no 'model.layers.hiden_1' in this config; "
        "did you mean 'model.layers.hidden_1.units'?"
    ],
    "model.layers.hidden_1.use_bias=false": [
        "$: model.layers.hidden_1.use_bias: it is not in the config yet; write +model.layers.hidden_1.use_bias=false"
    ],
    "model.layers.hidden_1.kernel_regularizer={type: l2}": [
        "$: model.layers.hidden_1.kernel_regularizer: it is not in the config yet; "
        "write '+model.layers.hidden_1.kernel_regularizer={type: l2}'"
    ],
    "callbacks.early_stopping.patience=3": [
        "$: callbacks.early_stopping.patience: there is no 'callbacks.early_stopping' in this config. "
        "To add it, write +callbacks.early_stopping='{patience: 3}'"
    ],
    "~model.layers.hiden_1": [
        "$: model.layers.hiden_1: there is nothing to remove; did you mean 'model.layers.hidden_1'?"
    ],
    "~model.layers.hidden_1.units=3": [
        "$: model.layers.hidden_1.units: its value is 8; to remove it whatever it is, write ~model.layers.hidden_1.units"
    ],
    "metrics.1=mae": ["$: metrics.1: 'metrics' is a list of 1; write it whole: metrics=[...]"],
    "loss.label_smoothing=0.1": [
        "$: loss.label_smoothing: 'loss' is a plain name; write loss='{type: binary_crossentropy, label_smoothing: 0.1}'"
    ],
    "+loss.label_smoothing=0.1": [
        "$: loss.label_smoothing: 'loss' is a plain name; write loss='{type: binary_crossentropy, label_smoothing: 0.1}'"
    ],
    "model.layers=[{type: dense}]": ["$: model.layers: it is a map here, and cannot become a list"],
    "hydra.run.dri=x": ["$: hydra.run.dri: no such key; did you mean 'hydra.run.dir'?\nKnown: dir"],
    # grammar
    "fit.epochs=[1": ["$: the brackets [ ] do not pair up"],
    "name='a": ["$: a quote is not closed"],
    "fit.epochs=3=4": [
        "$: the value cannot be read (mismatched input '=' expecting <EOF>). "
        "To have it as a text, quote it twice: 'fit.epochs=\"3=4\"'"
    ],
    "+model.layers.a/b=1": ["$: '+model.layers.a/b' is no key; a key is made of names and dots, such as fit.epochs"],
    "@foo=3": ["$: '@foo' is no key; a key is made of names and dots, such as fit.epochs"],
    "fit.epochs=1,2": [
        "$: fit.epochs: several values are a sweep, which needs -m (--multirun); for a list write fit.epochs=[1,2]"
    ],
    "fit.epochs=range(1,3)": ["$: fit.epochs: several values are a sweep, which needs -m (--multirun)"],
    "seed=${fit.epoch}": ["$: seed: '${fit.epoch}' cannot be resolved: Interpolation key 'fit.epoch' not found"],
    # types
    "fit.epochs=ten": ["$: fit.epochs: expected int, got 'ten'"],
    "fit.epochs='3'": ["$: fit.epochs: expected int, got '3'"],
    "fit.epochs=": ["$: fit.epochs: expected int, got ''"],
    "fit.epochs=true": ["$: fit.epochs: expected int, got true"],
    "fit.epochs=2.0": ["$: fit.epochs: expected int, got 2.0"],
    "fit.epochs=null": ["$: fit.epochs: expected int, got null"],
    "fit=3": ["$: fit: expected a map of settings, such as `{epochs: 10}`. Got 3"],
    "fit.shuffle=1": ["$: fit.shuffle: expected bool (true or false), got 1"],
    "fit.verbose=3": ["$: fit.verbose: expected one of 'auto', 0, 1, 2, got 3"],
    "fit.class_weight={a: 1}": ["$: fit.class_weight: expected a map from int to float or null, got {a: 1}"],
    "seed=1.5": ["$: seed: expected int or null, got 1.5"],
    "floatx=float23": [
        "$: floatx: expected one of 'float16', 'float32', 'float64', got 'float23'; did you mean 'float32'?"
    ],
    "name=3": ["$: name: expected a text or null, got 3"],
    "plugins=foo.py": ["$: plugins: expected a list of texts or null, got 'foo.py'"],
    "metrics=accuracy": ["$: metrics: expected a list of metrics, got 'accuracy'; write metrics=[accuracy]"],
    "metrics=[acuracy,3]": [
        f"$: metrics[0]: no metric is called 'acuracy'.\nDid you mean 'accuracy'?\nKnown metrics: {METRICS}.",
        "$: metrics[1]: expected a metric: a name, or a map with `type`. Got 3",
    ],
    "loss=mes": [f"$: loss: no loss is called 'mes'.\nDid you mean 'mse'?\nKnown losses: {LOSSES}."],
    "loss={label_smoothing: 0.1}": [
        "$: loss: 'loss' is a plain name; write loss='{type: binary_crossentropy, label_smoothing: 0.1}'"
    ],
    "model.layers.hidden_1.units=8x": ["$: model.layers.hidden_1.units: expected int, got '8x'"],
    "model.layers.hidden_1.units=[8]": ["$: model.layers.hidden_1.units: expected int, got [8]"],
    "model.layers.output.activation=sigmod": [
        "$: model.layers.output.activation: no activation is called 'sigmod'.\nDid you mean 'sigmoid'?\n"
        f"Known activations: {ACTIVATIONS}."
    ],
    "model.layers.output.activation=3": [
        "$: model.layers.output.activation: expected an activation (its name, or a map with `type`), got 3"
    ],
    "+model.layers.output.kernel_initializer=null": [
        "$: model.layers.output.kernel_initializer: expected an initializer (its name, or a map with `type`), got null"
    ],
    "+model.layers.output.kernel_regularizer={l2: 0.1}": [
        "$: model.layers.output.kernel_regularizer: a regularizer needs a `type`, the name it is registered under. "
        "Received: {l2: 0.1}"
    ],
    "+model.layers.output.kernel_regularizer={type: l2, l2: x, l3: 1}": [
        "$: model.layers.output.kernel_regularizer.l2: expected float, got 'x'",
        "$: model.layers.output.kernel_regularizer.l3: regularizer 'l2' has no argument 'l3'.\nKnown: l2",
    ],
    "+model.layers.output.input_shape=3": [
        "$: model.layers.output.input_shape: expected a list of ints and nulls or null, got 3"
    ],
    "optimizer.learning_rate=fast": [
        "$: optimizer.learning_rate: expected float or a schedule (its name, or a map with `type`), got 'fast'"
    ],
    "optimizer.learning_rate=true": [
        "$: optimizer.learning_rate: expected float or a schedule (its name, or a map with `type`), got true"
    ],
    # values
    "model.layers.hidden_1.units=-3": ["$: model.layers.hidden_1.units: units must be a positive int. Received: -3"],
    "optimizer.beta_1=2": ["$: optimizer.beta_1: beta_1 must be a number in [0, 1). Received: 2"],
    "fit.validation_split=1.5": [
        "$: fit.validation_split: validation_split must be a number in [0, 1). Received: 1.5"
    ],
    "fit.initial_epoch=500": [
        "$: fit.initial_epoch: initial_epoch must be below epochs (500). Received: 500"
    ],
    "seed=-1": ["$: seed: seed must not be negative. Received: -1"],
    "name=''": ["$: name: name must not be empty. Received: ''"],
    "backend=cupy": [
        "$: backend: backend 'cupy' needs cupy and a CUDA device: No module named 'cupy'.\n"
        'Install it with: pip install "kexp[gpu]"; or run on the CPU with backend=numpy.'
    ],
    # layers and callbacks
    "+model.layers.drop={rate: 0.2}": [
        "$: model.layers.drop: no layer is called 'drop'.\nDid you mean 'dropout'?\n"
        "Without a `type`, an entry's own name stands for it.\nKnown layers: dense, dropout, flatten."
    ],
    "+model.layers.drop={type: dropout}": [
        "$: model.layers.drop: missing required argument 'rate' (float) of layer 'dropout'"
    ],
    "+model.layers.drop={type: dropout, rte: 0.2}": [
        "$: model.layers.drop.rte: layer 'dropout' has no argument 'rte'; did you mean 'rate'?\n"
        f"Known: {args('layer', 'dropout')}"
    ],
    "+model.layers.drop={type: dropout, rate: 0.2, after: hiden_1}": [
        "$: model.layers.drop.after: no other layer is called 'hiden_1'. Did you mean 'hidden_1'?\n"
        "Layers: hidden_1, hidden_2, output"
    ],
    "+model.layers.drop={type: dropout, rate: 0.2, after: drop}": [
        "$: model.layers.drop.after: no other layer is called 'drop'.\nLayers: hidden_1, hidden_2, output"
    ],
    "+model.layers.drop={type: dropout, rate: 0.2, after: hidden_1, before: output}": [
        "$: model.layers.drop: `after` and `before` cannot both be given"
    ],
    "+model.layers.drop=3": ["$: model.layers.drop: expected a layer: a name, or a map of its arguments. Got 3"],
    "+model.layers.hidden_1.name=x": [
        "$: model.layers.hidden_1.name: a layer is called as its entry is, 'hidden_1'; rename the entry instead. Got 'x'"
    ],
    "+model.layers.bad={_target_: os.system, type: dense, units: 3}": [
        "$: model.layers.bad._target_: `_target_` is not used here: components are looked up by their registered names. "
        "Write `type: NAME`"
    ],
    "+callbacks.early_stopping=null": [
        "$: callbacks.early_stopping: null drops a callback, and there is none to drop; "
        "for its defaults write `early_stopping: {}`"
    ],
    "callbacks=csv_logger": [
        "$: callbacks.csv_logger: missing required argument 'filename' (a text) of callback 'csv_logger'"
    ],
    "dataset=csv": [
        "$: dataset: missing required argument 'path' (a text) of dataset 'csv'",
        "$: dataset: missing required argument 'target' (a text or int or a list of texts and ints) of dataset 'csv'",
    ],
    "metrics=[mae,{type: mean_absolute_error, name: mae}]": [
        "$: metrics[1]: metrics[0] is called 'mae' already; give this one another `name`"
    ],
    "metrics=[{type: mae, name: loss}]": [
        "$: metrics[0]: the loss is called 'loss' already; give this one another `name`"
    ],
    # what must fit together
    "callbacks=early_stopping": [
        "$: callbacks.early_stopping.monitor: this run has no metric 'val_loss': it has no validation data. "
        "Set fit.validation_split=0.2, or name a split in fit.validation_data\nAvailable: loss, accuracy, learning_rate"
    ],
    "+callbacks.early_stopping={monitor: acuracy}": [
        "$: callbacks.early_stopping.monitor: this run has no metric 'acuracy'; did you mean 'accuracy'?\n"
        "Available: loss, accuracy, learning_rate"
    ],
    "fit.validation_data=test": [
        "$: fit.validation_data: data set 'xor' has no split 'test'.\nIts splits: train"
    ],
    "evaluate=tran": ["$: evaluate: data set 'xor' has no split 'tran'. Did you mean 'train'?\nIts splits: train"],
}  # fmt: skip


@pytest.mark.parametrize("override", CASES)
def test_a_mistake_is_told_with_its_key_and_what_to_write_instead(
    override: str, mistakes: Callable[..., list[str]]
) -> None:
    assert mistakes(override) == [text.replace("$", f"command line: {override}", 1) for text in CASES[override]]


def test_an_experiment_that_is_not_there_is_told_with_the_nearest_and_all_others(
    mistakes: Callable[..., list[str]],
) -> None:
    known = f"Known: {', '.join(experiments())}."
    assert mistakes("+experiment=xro", experiment=None) == [
        f"command line: +experiment=xro: experiment: no experiment is called 'xro'.\nDid you mean 'xor'?\n{known}"
    ]


def test_experiment_without_plus_says_to_write_it_with_one(mistakes: Callable[..., list[str]]) -> None:
    assert mistakes("experiment=xor", experiment=None) == [
        "command line: experiment=xor: experiment: no option of 'experiment' is chosen yet; write +experiment=xor"
    ]
    assert mistakes("++experiment=xor", experiment=None) == [
        "command line: ++experiment=xor: experiment: an option of a group is chosen without ++; write +experiment=xor"
    ]


def test_an_experiment_may_be_given_as_its_file(mistakes: Callable[..., list[str]]) -> None:
    assert mistakes("+experiment=xor.yaml", experiment=None) == []
    (text,) = mistakes("+experiment=conf/experiment/xor.yaml", experiment=None)
    assert "Did you mean 'xor'?" in text


def test_two_experiments_are_chosen_in_one_list(mistakes: Callable[..., list[str]]) -> None:
    assert mistakes("+experiment=xor", "+experiment=digits_mlp", experiment=None)[0] == (
        "command line: +experiment=digits_mlp: experiment: an option of 'experiment' is chosen twice; "
        "for both write '+experiment=[xor,digits_mlp]'"
    )


def test_what_a_chosen_component_needs_is_set_without_a_plus_or_with_one(mistakes: Callable[..., list[str]]) -> None:
    assert mistakes("dataset=csv", "dataset.path=data.csv", "+dataset.target=price") == []
    assert mistakes("callbacks=csv_logger", "callbacks.csv_logger.filename=log.csv") == []


@pytest.mark.filterwarnings("ignore::kexp.core.keras2.Keras2Note")
def test_an_old_spelling_takes_the_place_of_the_default_that_came_with_the_choice(
    mistakes: Callable[..., list[str]],
) -> None:
    assert mistakes("+optimizer.lr=0.5") == []
    assert mistakes("+optimizer.lr=0.5", "optimizer.learning_rate=0.1")[0].endswith("give one of the two")


def test_a_misspelt_experiment_key_is_one_mistake_and_not_all_that_it_leads_to(
    mistakes: Callable[..., list[str]],
) -> None:
    assert mistakes("+experimnt=xor", experiment=None) == [
        f"command line: +experimnt=xor: experimnt: unknown key; did you mean '+experiment=xor'?\nKnown: {TOP}"
    ]


def test_an_empty_config_says_all_that_lacks(mistakes: Callable[..., list[str]]) -> None:
    assert mistakes(experiment=None) == [
        "model.layers: the model has no layers; add some, such as `hidden: {type: dense, units: 8}`",
        "dataset: no dataset is chosen; write dataset=NAME, such as dataset=xor\nKnown: csv, digits, xor",
        f"loss: no loss is given; write loss=NAME, such as loss=mse\nKnown: {LOSSES}",
    ]


def test_all_mistakes_come_at_once_whatever_their_kind(mistakes: Callable[..., list[str]]) -> None:
    found = mistakes(
        "epochs=3", "fit.batch_size=x", "optimizer=addam", "model.layers.hidden_1.units=-1", "loss=mes", "+typo=1",
        "model.layers.output.activation=[", "metrics=[mae,nope]",
    )  # fmt: skip
    assert [text.split(": ")[2] for text in found] == [
        "the brackets [ ] do not pair up", "epochs", "typo", "model.layers.hidden_1.units", "optimizer.type", "loss",
        "metrics[1]", "fit.batch_size",
    ]  # fmt: skip


def test_all_bad_values_of_one_component_come_at_once(mistakes: Callable[..., list[str]]) -> None:
    found = mistakes("optimizer.beta_1=2", "optimizer.beta_2=-1", "optimizer.learning_rate=-1", "optimizer.amsgrad=3")
    assert sorted(text.split(": ")[2] for text in found) == [
        "optimizer.amsgrad", "optimizer.beta_1", "optimizer.beta_2", "optimizer.learning_rate",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "override",
    [
        "optimizer=Adam", "optimizer={type: sgd}", "optimizer.type=sgd", "optimizer.learning_rate=1", "seed=0", "seed=null",
        "optimizer.learning_rate=1e-3", "fit.class_weight={0: 1, 1: 2.5}", "fit.batch_size=null", "floatx=float64",
        "loss={type: bce, label_smoothing: 0.1}", "metrics=[]", "metrics=[{type: mae, name: error}]", "evaluate=train",
        "+model.layers.dropout={rate: 0.2}", "+model.layers.flat=flatten", "~model.layers.hidden_2", "tracking=none",
        "model.layers.hidden_2=null", "model.layers.output.activation=null", "seed=${fit.epochs}", "fit.verbose=auto",
        "+model.layers.output.kernel_regularizer={type: l2, l2: 1}", "+model.layers.output.input_shape=[2]",
        "+callbacks.early_stopping={monitor: loss, patience: 2}", "plugins=[]", "hydra.run.dir=here", "fit.shuffle=false",
        "+callbacks.log={type: csv_logger, filename: log.csv}", "name=mine",
    ],
)  # fmt: skip
def test_what_is_right_passes(override: str, mistakes: Callable[..., list[str]]) -> None:
    assert mistakes(override) == []
