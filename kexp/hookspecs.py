"""The hooks a plugin may implement: one for each kind of component, and one for config folders.

A plugin is a module with functions marked by `hookimpl`. A hook of a kind returns a mapping from names, as
they stand in a config, to makers: classes, or functions that return an object of the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pluggy

hookspec = pluggy.HookspecMarker("kexp")
hookimpl = pluggy.HookimplMarker("kexp")

Makers = Mapping[str, Callable[..., Any]]


@hookspec
def kexp_layers() -> Makers:  # type: ignore[empty-body]
    """Layers: classes derived from `kexp.Layer`."""


@hookspec
def kexp_activations() -> Makers:  # type: ignore[empty-body]
    """Activations: classes derived from `kexp.Activation`, or plain functions of one array."""


@hookspec
def kexp_initializers() -> Makers:  # type: ignore[empty-body]
    """Initializers of weights: classes derived from `kexp.Initializer`."""


@hookspec
def kexp_regularizers() -> Makers:  # type: ignore[empty-body]
    """Regularizers of weights: classes derived from `kexp.Regularizer`."""


@hookspec
def kexp_constraints() -> Makers:  # type: ignore[empty-body]
    """Constraints on weights: classes derived from `kexp.Constraint`."""


@hookspec
def kexp_losses() -> Makers:  # type: ignore[empty-body]
    """Losses: classes derived from `kexp.Loss`."""


@hookspec
def kexp_metrics() -> Makers:  # type: ignore[empty-body]
    """Metrics: classes derived from `kexp.Metric`."""


@hookspec
def kexp_optimizers() -> Makers:  # type: ignore[empty-body]
    """Optimizers: classes derived from `kexp.Optimizer`."""


@hookspec
def kexp_schedules() -> Makers:  # type: ignore[empty-body]
    """Learning-rate schedules: classes derived from `kexp.Schedule`."""


@hookspec
def kexp_callbacks() -> Makers:  # type: ignore[empty-body]
    """Callbacks of the training loop: classes derived from `kexp.Callback`."""


@hookspec
def kexp_datasets() -> Makers:  # type: ignore[empty-body]
    """Data sets: classes derived from `kexp.Dataset`."""


@hookspec
def kexp_transforms() -> Makers:  # type: ignore[empty-body]
    """Transforms of raw data, the steps of pipelines: classes derived from `kexp.Transform`."""


@hookspec
def kexp_splitters() -> Makers:  # type: ignore[empty-body]
    """Splitters, which choose the rows to train, validate and test on: classes derived from `kexp.Splitter`."""


@hookspec
def kexp_backends() -> Makers:  # type: ignore[empty-body]
    """Array backends: classes derived from `kexp.Backend`."""


@hookspec
def kexp_trackers() -> Makers:  # type: ignore[empty-body]
    """Trackers, which record runs: classes derived from `kexp.Tracker`."""


@hookspec
def kexp_config_dirs() -> Iterable[str | Path]:  # type: ignore[empty-body]
    """Folders with Hydra configs (groups as sub-folders) that the plugin ships."""


KINDS: dict[str, str] = {
    "layer": "kexp_layers",
    "activation": "kexp_activations",
    "initializer": "kexp_initializers",
    "regularizer": "kexp_regularizers",
    "constraint": "kexp_constraints",
    "loss": "kexp_losses",
    "metric": "kexp_metrics",
    "optimizer": "kexp_optimizers",
    "schedule": "kexp_schedules",
    "callback": "kexp_callbacks",
    "dataset": "kexp_datasets",
    "transform": "kexp_transforms",
    "splitter": "kexp_splitters",
    "backend": "kexp_backends",
    "tracker": "kexp_trackers",
}
"""Kind of component -> the hook that registers it."""
