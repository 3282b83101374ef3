"""The parts of a config that are no components: the top level and `fit`, with their defaults and ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from kexp.core.component import fraction, positive_int
from kexp.errors import ArgumentError

MODEL_TYPES = ("sequential", "functional")

GROUPS = {
    "dataset": "dataset",
    "split": "splitter",
    "optimizer": "optimizer",
    "callbacks": "callback",
    "backend": "backend",
    "tracking": "tracker",
}
"""Config group -> the kind of component whose names are its options."""

KINDS_OF_ENTRIES: dict[tuple[str | int, ...], str] = {
    ("model", "layers"): "layer",
    ("callbacks",): "callback",
    ("pipeline",): "transform",
    ("target_pipeline",): "transform",
}
"""Maps of named components -> their kind."""

OPEN = "???"
"""OmegaConf's mark of a value that is still to be given."""

TOP_LEVEL: dict[str, Any] = {
    "name": None,
    "seed": None,
    "floatx": "float32",
    "plugins": [],
    "model": {"type": "sequential", "layers": {}},
    "dataset": None,
    "split": None,
    "fold": None,
    "pipeline": {},
    "target_pipeline": {},
    "optimizer": {"type": "rmsprop"},
    "loss": None,
    "loss_weights": None,
    "metrics": [],
    "callbacks": {},
    "fit": {},
    "evaluate": None,
    "backend": {"type": "numpy"},
    "tracking": {"type": "mlflow"},
}
"""All keys of a config, with the values of those that are not given."""


class FitSettings:
    """The section `fit`: Keras' arguments of `Model.fit` that a config can give.

    `validation_data` is the name of a split of the data set.
    """

    def __init__(
        self,
        batch_size: int | None = 32,
        epochs: int = 1,
        verbose: Literal["auto", 0, 1, 2] = "auto",
        validation_split: float = 0.0,
        validation_data: str | None = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | list[int] = 1,
        workers: int | None = None,
    ) -> None:
        counts = {
            "batch_size": batch_size,
            "epochs": epochs,
            "steps_per_epoch": steps_per_epoch,
            "validation_steps": validation_steps,
            "validation_batch_size": validation_batch_size,
            "validation_freq": validation_freq if isinstance(validation_freq, int) else None,
        }
        for name, value in counts.items():
            if value is not None:
                positive_int(name, value)
        fraction("validation_split", validation_split)
        not_negative("initial_epoch", initial_epoch)
        if workers is not None:
            not_negative("workers", workers)
        if initial_epoch >= epochs:
            raise ArgumentError(f"initial_epoch must be below epochs ({epochs}). Received: {initial_epoch!r}")
        if validation_data is not None and validation_split:
            raise ArgumentError(
                "validation_data and validation_split cannot both be given. "
                f"Received: {validation_data!r} and {validation_split!r}"
            )


class RunSettings:
    """The plain values of the top level."""

    def __init__(
        self,
        name: str | None = None,
        seed: int | None = None,
        floatx: Literal["float16", "float32", "float64"] = "float32",
        plugins: list[str] | None = None,
        evaluate: str | None = None,
        loss_weights: dict[str, float] | None = None,
        fold: int | None = None,
    ) -> None:
        if seed is not None:
            not_negative("seed", seed)
        if fold is not None:
            not_negative("fold", fold)
        if name is not None and not name.strip():
            raise ArgumentError(f"name must not be empty. Received: {name!r}")


def not_negative(name: str, value: int) -> int:
    """`value`, if it is not negative."""
    if value < 0:
        raise ArgumentError(f"{name} must not be negative. Received: {value!r}")
    return value
