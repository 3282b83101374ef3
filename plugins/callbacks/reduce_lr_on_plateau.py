"""reduce_lr_on_plateau: lowers the learning rate when a metric no longer improves."""

from __future__ import annotations

from typing import Any

from kexp.core.callback import Callback, Logs
from kexp.core.component import number
from kexp.core.monitor import Mode, MonitorCallback, whole_number
from kexp.errors import ArgumentError, StateError
from kexp.hookspecs import hookimpl


class ReduceLROnPlateau(MonitorCallback):
    """Multiply the learning rate by `factor` when `monitor` has not improved by `min_delta` for `patience` epochs.

    Never below `min_lr`; after a change the next `cooldown` epochs are not counted. The logs get `learning_rate`, the
    rate of the epoch that ends.
    Attributes: best (value), wait and cooldown_counter (epochs).
    Raises: StateError if a schedule sets the rate; UnknownNameError if the metric is not in an epoch's logs.
    """

    best: float | None
    wait: int
    cooldown_counter: int

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: Mode = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.factor = number("factor", factor, least=0)
        if self.factor >= 1:
            raise ArgumentError(f"factor must be below 1. Received: {factor!r}")
        self.patience = whole_number("patience", patience)
        self.verbose = verbose
        self.cooldown = whole_number("cooldown", cooldown)
        self.min_lr = number("min_lr", min_lr, least=0)
        self._forget()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._forget()
        if getattr(self.model.optimizer, "schedule", None) is not None:
            raise StateError(
                "reduce_lr_on_plateau sets the learning rate, and the optimizer has a schedule that sets it too; give "
                "the optimizer a number"
            )

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        optimizer = self.model.optimizer
        if logs is not None:
            logs["learning_rate"] = optimizer.learning_rate
        value = self.value_in(logs)
        if value is None:
            return
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.improved(value, self.best):
            self.best, self.wait = value, 0
        elif self.cooldown_counter == 0:
            self.wait += 1
            if self.wait >= self.patience and optimizer.learning_rate > self.min_lr:
                optimizer.learning_rate = max(optimizer.learning_rate * self.factor, self.min_lr)
                self.cooldown_counter, self.wait = self.cooldown, 0
                if self.verbose > 0:
                    print(f"Epoch {epoch + 1}: reducing the learning rate to {optimizer.learning_rate:g}")

    def get_state(self) -> dict[str, Any]:
        return {"best": self.best, "wait": self.wait, "cooldown_counter": self.cooldown_counter}

    def set_state(self, state: dict[str, Any]) -> None:
        self.best, self.wait, self.cooldown_counter = state["best"], state["wait"], state["cooldown_counter"]

    def _forget(self) -> None:
        self.best = None
        self.wait = self.cooldown_counter = 0


@hookimpl
def kexp_callbacks() -> dict[str, type[Callback]]:
    return {"reduce_lr_on_plateau": ReduceLROnPlateau}
