"""learning_rate_scheduler: sets the learning rate at the start of each epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from kexp.core.callback import Callback, Logs
from kexp.core.component import ScheduleSpec, number, resolve
from kexp.core.schedule import Schedule
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl


class LearningRateScheduler(Callback):
    """Learning rate = schedule(epoch, current rate), epochs counted from 0; the logs get `learning_rate`.

    `schedule`: a function of epoch and rate, or of the epoch alone; or a registered schedule, in a config
    {type: name, ...}, which is read at the number of the epoch in place of the step.
    Raises: ArgumentError if it gives no usable rate, or if the optimizer has a schedule of its own.
    """

    def __init__(self, schedule: ScheduleSpec, verbose: int = 0) -> None:
        self.schedule: Any = resolve("schedule", schedule) if isinstance(schedule, str | Mapping) else schedule
        if not callable(self.schedule):
            raise ArgumentError(
                "learning_rate_scheduler.schedule must be a function (epoch, rate) -> rate, or a schedule "
                f"{{type: name, ...}}. Received: {schedule!r}"
            )
        self.verbose = verbose
        self._takes_rate = not isinstance(self.schedule, Schedule) and _takes_two(self.schedule)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        if getattr(self.model.optimizer, "schedule", None) is not None:
            raise ArgumentError(
                "learning_rate_scheduler: the optimizer's learning_rate is a schedule already. Give the optimizer a "
                "number, or leave this callback out."
            )

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        optimizer = self.model.optimizer
        found = self.schedule(epoch, optimizer.learning_rate) if self._takes_rate else self.schedule(epoch)
        rate = number(f"learning_rate_scheduler: schedule({epoch})", found, least=0)
        optimizer.learning_rate = rate
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


def _takes_two(function: Callable[..., Any]) -> bool:
    """Whether `function` can be called with two arguments by position; assumed of those that do not tell."""
    try:
        inspect.signature(function).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:  # some built-in functions have no signature
        return True
    return True


@hookimpl
def kexp_callbacks() -> dict[str, type[Callback]]:
    return {"learning_rate_scheduler": LearningRateScheduler}
