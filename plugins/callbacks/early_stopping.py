"""early_stopping: ends training when a metric no longer improves."""

from __future__ import annotations

from typing import Any

from kexp.core.callback import Callback, Logs
from kexp.core.component import number
from kexp.core.monitor import Mode, MonitorCallback, whole_number
from kexp.hookspecs import hookimpl


class EarlyStopping(MonitorCallback):
    """Stop when `monitor` has not improved by more than `min_delta` for `patience` epochs, from `start_from_epoch` on.

    With `baseline`, only epochs that are better than it reset the wait. `restore_best_weights` puts the best epoch's
    weights back at the end of training, stopped early or not. Training never stops at the first epoch.

    Attributes: best (value), best_epoch and stopped_epoch (from 0; 0 if not stopped), wait (epochs).
    Raises: UnknownNameError if the metric is not in an epoch's logs.
    """

    best: float | None
    best_weights: list[Any] | None
    best_epoch: int
    stopped_epoch: int
    wait: int

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: Mode = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = whole_number("patience", patience)
        self.verbose = verbose
        self.baseline = None if baseline is None else number("baseline", baseline)
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = whole_number("start_from_epoch", start_from_epoch)
        self._forget()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._forget()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        value = self.value_in(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self.improved(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.improved(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose > 0:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)

    def get_state(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("best", "best_epoch", "best_weights", "stopped_epoch", "wait")}

    def set_state(self, state: dict[str, Any]) -> None:
        self.best, self.best_epoch, self.best_weights = state["best"], state["best_epoch"], state["best_weights"]
        self.stopped_epoch, self.wait = state["stopped_epoch"], state["wait"]

    def _forget(self) -> None:
        self.best = self.best_weights = None
        self.best_epoch = self.stopped_epoch = self.wait = 0


@hookimpl
def kexp_callbacks() -> dict[str, type[Callback]]:
    return {"early_stopping": EarlyStopping}
