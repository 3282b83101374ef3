"""Patience: how long a call to MLflow is repeated."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
Waiter = Callable[[float], bool]

LAST_TRIES = 4
LAST_TRIES_S = 20.0
LONGEST_PAUSE_S = 30.0
_PASSING = {
    "ABORTED",
    "CANCELLED",
    "DEADLINE_EXCEEDED",
    "INTERNAL_ERROR",
    "REQUEST_LIMIT_EXCEEDED",
    "RESOURCE_CONFLICT",
    "RESOURCE_EXHAUSTED",
    "TEMPORARILY_UNAVAILABLE",
}
_logger = logging.getLogger(__name__)


class Patience:
    """Repeats calls that fail for a reason that may pass: without end while the run goes on, a few times after.

    `wait(seconds)` waits, at most that long, for the run to end, and says whether it has.
    """

    def __init__(self, wait: Waiter) -> None:
        self._wait = wait

    def call(self, function: Callable[[], T]) -> T:
        """The function's result; its error, if that will not pass or the run has ended and the last tries failed."""
        pause, last_tries, ended_at = 0.2, 0, 0.0
        while True:
            try:
                return function()
            except Exception as error:
                if not may_pass(error):
                    raise
                if self._wait(0.0):
                    last_tries += 1
                    ended_at = ended_at or time.monotonic()
                    if last_tries >= LAST_TRIES or time.monotonic() - ended_at > LAST_TRIES_S:
                        raise
                    time.sleep(0.2 * 2**last_tries)
                    continue
                _logger.warning("%s; the next try is in %.1f s", error, pause)
                self._wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)


def may_pass(error: Exception) -> bool:
    """Whether a later try may do better: a store that is locked, busy or away."""
    code = getattr(error, "error_code", None)
    if isinstance(code, str):
        return code in _PASSING
    return isinstance(error, OSError) or any(kind.__name__ == "OperationalError" for kind in type(error).__mro__)
