"""From a config to the objects of an experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kexp.backend import settings
from kexp.config.checks import validation_name
from kexp.config.preparing import prepare
from kexp.config.sections import FitSettings
from kexp.config.signature import arguments
from kexp.config.structure import frozen, model_plan, source_of
from kexp.config.watched import as_compiled
from kexp.core.callback import Callback
from kexp.core.dataset import Dataset
from kexp.core.loss import Loss
from kexp.core.optimizer import Optimizer
from kexp.core.splitter import Splitter
from kexp.core.tracker import Tracker
from kexp.models import Model, Sequential, wired_model


@dataclass
class Experiment:
    """What a config describes, made and not yet run.

    `config` is the whole config in its normal form; `fit` holds all arguments of `Model.fit` that a config gives,
    `validation_data` being the name of a split. `metrics` go to `compile` as they stand: a plain name is also the
    metric's name in the logs.
    """

    config: dict[str, Any]
    name: str
    seed: int | None
    model: Model
    dataset: Dataset
    split: Splitter | None
    optimizer: Optimizer
    loss: Loss | dict[str, Loss]
    metrics: list[Any] | dict[str, list[Any]]
    callbacks: list[Callback]
    backend: str
    tracker: Tracker
    fit: dict[str, Any]
    evaluate: str | None
    loss_weights: dict[str, float] | None = None


def build(config: Mapping[str, Any]) -> Experiment:
    """Make all that a config names; floatx and backend of the config become the current ones.

    Raises: ConfigError with all mistakes at once.
    """
    prepared = prepare(config)
    normal = prepared.usable()
    settings.set_floatx(normal["floatx"])
    settings.set_backend(normal["backend"]["type"])
    parts = prepare(normal).parts  # made anew, so that they see the settings
    model = _model(normal, parts.layers)
    model.pipeline = parts.pipeline or None
    model.target_pipeline = parts.target_pipeline or None
    defaults = {name: argument.default for name, argument in arguments(FitSettings).items()}
    return Experiment(
        config=normal,
        name=normal["name"] or "default",
        seed=normal["seed"],
        model=model,
        dataset=parts.dataset,
        split=parts.split,
        optimizer=parts.optimizer,
        loss=parts.loss,
        metrics=as_compiled(normal["metrics"], parts.metrics),
        callbacks=list(parts.callbacks.values()),
        backend=normal["backend"]["type"],
        tracker=parts.tracker,
        fit=defaults | normal["fit"] | {"validation_data": validation_name(normal["fit"], parts)},
        evaluate=normal["evaluate"],
        loss_weights=normal["loss_weights"],
    )


def _model(config: Mapping[str, Any], layers: Mapping[str, Any]) -> Model:
    model = config["model"]
    for name, layer in layers.items():
        if frozen(model, name):
            layer.trainable = False
    return MODELS[model["type"]](config, layers)


def _sequential(config: Mapping[str, Any], layers: Mapping[str, Any]) -> Model:
    return Sequential(
        list(layers.values()), name=config["name"], seed=config["seed"], backend=config["backend"]["type"]
    )


def _functional(config: Mapping[str, Any], layers: Mapping[str, Any]) -> Model:
    sources = {name: source_of(name, spec) for name, spec in config["model"]["inputs"].items()}
    return wired_model(
        model_plan(config["model"]), sources, layers,
        name=config["name"], seed=config["seed"], backend=config["backend"]["type"],
    )  # fmt: skip


MODELS = {"sequential": _sequential, "functional": _functional}
"""How each type of model is made from a config and its layers."""
