"""model_checkpoint: saves the model, or its weights, during training."""

from __future__ import annotations

import os
from typing import Any, Literal

from kexp.core.callback import Callback, Logs
from kexp.core.component import number, positive_int
from kexp.core.monitor import Mode, MonitorCallback
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl


class ModelCheckpoint(MonitorCallback):
    """Save at each epoch's end, or after every `save_freq` batches; with `save_best_only` if `monitor` has improved.

    `filepath` may hold {epoch} (from 1), {batch} and the names of the logs, such as '{epoch:02d}-{val_loss:.2f}.keras'.
    It ends in .weights.h5 with `save_weights_only`, else in .keras or .h5. `initial_value_threshold`: the value that
    the first save must be better than.
    Attributes: best (value).
    Raises: ArgumentError for another ending, or a name in `filepath` that the logs do not hold; UnknownNameError if
    the metric is not in the logs.
    """

    best: float | None

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: Mode = "auto",
        save_freq: Literal["epoch"] | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode if save_best_only or mode != "auto" else "min")
        self.monitored = monitor if save_best_only else None
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq if save_freq == "epoch" else positive_int("save_freq", save_freq)
        first = initial_value_threshold
        self.initial_value_threshold = None if first is None else number("initial_value_threshold", first)
        endings = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            text = f"with save_weights_only={save_weights_only}, filepath must end in {' or '.join(endings)}"
            raise ArgumentError(f"{text}. Received: {self.filepath!r}")
        if save_freq != "epoch":
            self.on_train_batch_end = self._after_batch  # type: ignore[method-assign]  # else no batch need be seen
        self._forget()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._forget()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch, {}, logs)

    def get_state(self) -> dict[str, Any]:
        return {"best": self.best, "batches": self._batches}

    def set_state(self, state: dict[str, Any]) -> None:
        self.best, self._batches = state["best"], state["batches"]

    def _after_batch(self, batch: int, logs: Logs | None = None) -> None:
        self._batches += 1
        if self._batches >= int(self.save_freq):
            self._batches = 0
            self._save(self._epoch, {"batch": batch + 1}, logs)

    def _save(self, epoch: int, more: dict[str, int], logs: Logs | None) -> None:
        path = self._path({**(logs or {}), "epoch": epoch + 1, **more})
        if self.save_best_only:
            value = self.value_in(logs)
            if value is None or not self.improved(value, self.best):
                return
            self.best = value
        if self.verbose > 0:
            print(f"Epoch {epoch + 1}: saving model to {path}")
        if self.save_weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)

    def _path(self, values: dict[str, Any]) -> str:
        try:
            return self.filepath.format(**values)
        except (KeyError, IndexError, ValueError) as error:
            known = ", ".join(sorted(values))
            text = f"filepath {self.filepath!r} cannot be filled in ({error!r}); it may hold: {known}"
            raise ArgumentError(f"model_checkpoint: {text}") from error

    def _forget(self) -> None:
        self.best = self.initial_value_threshold
        self._epoch = self._batches = 0


@hookimpl
def kexp_callbacks() -> dict[str, type[Callback]]:
    return {"model_checkpoint": ModelCheckpoint}
