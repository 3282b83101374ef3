"""Schedule: the learning rate as a function of the number of steps taken."""

from __future__ import annotations

from typing import ClassVar

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
