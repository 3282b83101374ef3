"""Schedule: the learning rate as a function of the number of steps taken."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

from kexp.core.component import Component


class Schedule(Component):
    """Contract of learning-rate schedules: `rate(step)` for the step after `step` finished ones (0 at the start).

    A subclass writes `rate`, or `__call__` as in Keras.
    """

    kind: ClassVar[str] = "schedule"

    def rate(self, step: int) -> float:
        """The learning rate of that step."""
        if type(self).__call__ is Schedule.__call__:
            raise NotImplementedError
        return float(self(step))

    def __call__(self, step: int) -> float:
        return self.rate(step)


class CalledRate(Schedule):
    """A plain function as a schedule; one that takes an argument is given the step."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self._takes_step = bool(inspect.signature(function).parameters)

    def rate(self, step: int) -> float:
        return float(self.function(step) if self._takes_step else self.function())
