"""kexp: a plugin-based experiment framework for neural networks on NumPy and CuPy.

`import kexp` loads almost nothing; names are imported when they are first used.

>>> import kexp
>>> issubclass(kexp.layers.Dense, kexp.Layer)
True
"""

from __future__ import annotations

import importlib
from typing import Any

from kexp.hookspecs import hookimpl
from kexp.version import __version__

_FACES = (
    "activations", "autodiff", "callbacks", "config", "constraints", "core", "datasets", "errors", "initializers",
    "layers", "losses", "metrics", "models", "optimizers", "regularizers", "saving", "splitters", "testing",
    "transforms", "utils",
)  # fmt: skip

_NAMES = {
    "Activation": "kexp.core.activation",
    "Backend": "kexp.backend",
    "Callback": "kexp.core.callback",
    "Constraint": "kexp.core.constraint",
    "Context": "kexp.core.context",
    "Dataset": "kexp.core.dataset",
    "Initializer": "kexp.core.initializer",
    "Input": "kexp.layers",
    "InputSpec": "kexp.core.input_spec",
    "KexpError": "kexp.errors",
    "Layer": "kexp.core.layer",
    "Loss": "kexp.core.loss",
    "Metric": "kexp.core.metric",
    "Model": "kexp.models",
    "Optimizer": "kexp.core.optimizer",
    "Pipeline": "kexp.data",
    "Regularizer": "kexp.core.regularizer",
    "Schedule": "kexp.core.schedule",
    "Sequential": "kexp.models",
    "Split": "kexp.core.dataset",
    "Splitter": "kexp.core.splitter",
    "Tracker": "kexp.core.tracker",
    "Transform": "kexp.core.transform",
}

__all__ = ["__version__", "hookimpl", *_FACES, *_NAMES]  # noqa: PLE0604  (names are strings; the checker cannot tell)


def __getattr__(name: str) -> Any:
    if name in _FACES:
        return importlib.import_module(f"kexp.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'kexp' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
