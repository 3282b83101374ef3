"""terminate_on_nan: ends training when the loss is no longer a number."""

from __future__ import annotations

import math

from kexp.core.callback import Callback, Logs
from kexp.errors import KexpError
from kexp.hookspecs import hookimpl


class NonFiniteLossError(KexpError, RuntimeError):
    """The loss has become NaN or infinite."""


class TerminateOnNaN(Callback):
    """Stop after the first batch with which the epoch's loss is NaN or infinite.

    Raises: NonFiniteLossError instead, if `raise_error`; then `on_train_end` is not called.
    """

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = raise_error

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise NonFiniteLossError(f"the loss is {float(loss)} after batch {batch} of the epoch (counted from 0)")
        print(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True


@hookimpl
def kexp_callbacks() -> dict[str, type[Callback]]:
    return {"terminate_on_nan": TerminateOnNaN}
