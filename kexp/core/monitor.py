"""MonitorCallback: what callbacks that watch one metric have in common."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kexp.core.callback import Callback, Logs
from kexp.core.component import number, one_of
from kexp.errors import ArgumentError, UnknownNameError, nearest

Mode = Literal["auto", "min", "max"]

RISING = ("acc", "auc", "precision", "recall", "f1_score", "fbeta_score", "r2_score")
USUAL = ("loss", "val_loss", "accuracy", "val_accuracy", "acc", "val_acc")
FALLING = ("loss", "error", "mse", "mae", "crossentropy", "hinge")


class MonitorCallback(Callback):
    """Contract of callbacks that ask at each epoch's end whether a metric has improved.

    `mode`: 'min', 'max', or 'auto', which goes by the metric's name. An improvement must be larger than `min_delta`,
    in the metric's own unit.
    Raises: ArgumentError if `mode` is 'auto' and the name does not tell.
    """

    def __init__(self, monitor: str = "val_loss", mode: Mode = "auto", min_delta: float = 0.0) -> None:
        if not isinstance(monitor, str) or not monitor:
            raise ArgumentError(f"monitor must be the name of a metric. Received: {monitor!r}")
        self.monitor = self.monitored = monitor
        self.mode = one_of("mode", mode, ("auto", "min", "max"))
        self.min_delta = abs(number("min_delta", min_delta))
        self.rises = direction(monitor) == "max" if mode == "auto" else mode == "max"

    def improved(self, value: float, best: float | None) -> bool:
        """Whether `value` is better than `best` by more than `min_delta`; anything is better than None."""
        if best is None:
            return True
        return value - self.min_delta > best if self.rises else value + self.min_delta < best

    def value_in(self, logs: Logs | None) -> float | None:
        """The metric's value, or None in an epoch that was not validated because `validation_freq` leaves it out.

        Raises: UnknownNameError with the names that the logs hold.
        """
        logs = logs or {}
        if self.monitor in logs:
            return float(logs[self.monitor])
        of_validation = self.monitor.startswith("val_")
        if of_validation and self.params.get("validation_freq", 1) != 1:
            return None
        unvalidated = of_validation and not any(name.startswith("val_") for name in logs)
        note = "Nothing was validated: give fit validation_data or validation_split." if unvalidated else ""
        raise UnknownNameError("metric", self.monitor, logs, f"{self.registered_name()}.monitor", note)


def direction(monitor: str) -> str:
    """'max' for the name of a metric that should rise, 'min' for one that should fall.

    Raises: ArgumentError if the name does not tell.
    """
    rising, falling = (any(word in monitor for word in words) for words in (RISING, FALLING))
    if rising == falling:
        near = nearest(monitor, USUAL)
        raise ArgumentError(
            f"mode='auto' cannot tell whether {monitor!r} is to rise or to fall. Give mode='max' or mode='min'."
            + (f" Or did you mean {near!r}?" if near else "")
        )
    return "max" if rising else "min"


def whole_number(name: str, value: Any) -> int:
    """`value`, if it is an int of at least 0."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise ArgumentError(f"{name} must be an int of at least 0. Received: {value!r}")
    return int(value)
