"""Arguments of `fit` that say how, not what: workers, and Keras 2's names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kexp.core import keras2
from kexp.core.callback import Callback
from kexp.core.component import positive_int
from kexp.errors import ArgumentError

QUEUE = ("max_queue_size", "use_multiprocessing")
"""Arguments of Keras 2 about its own threads and processes."""


def older_arguments(older: Mapping[str, Any], epochs: int) -> int:
    """The epochs that Keras 2's names for arguments of `fit` ask for.

    Raises: ArgumentError for names that nobody knows.
    """
    left = without_queue(older)
    return int(keras2.fit_arguments(left, {"epochs": epochs})["epochs"]) if left else epochs


def without_queue(given: Mapping[str, Any], *, workers: bool = False) -> dict[str, Any]:
    """The arguments without those about Keras 2's own queue, `workers` too if it has no use; a note names them."""
    names = (*QUEUE, "workers") if workers else QUEUE
    for name in names:
        if name in given:
            keras2.say_without_effect(name)
    return {name: value for name, value in given.items() if name not in names}


def check_workers(workers: int | None) -> int | None:
    """`workers`, if it is a number of threads or None.

    Raises: ArgumentError otherwise.
    """
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 0):
        raise ArgumentError(f"workers must be None, or a number of threads from 0. Received: {workers!r}")
    return workers


def check_steps(steps: int | None) -> int | None:
    """`steps`, if it is a number of batches or None.

    Raises: ArgumentError otherwise.
    """
    return None if steps is None else positive_int("steps", steps)


def as_callbacks(callbacks: Sequence[Callback] | Callback | None) -> list[Callback]:
    """Callbacks as a list: one, several or none."""
    if callbacks is None:
        return []
    return [callbacks] if isinstance(callbacks, Callback) else list(callbacks)
