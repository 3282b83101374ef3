"""Callback: code that is called at given stages of training, evaluation and prediction."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from kexp.core.component import Component
from kexp.errors import ArgumentError, nearest

Logs = dict[str, float]


class Callback(Component):
    """Contract of callbacks: override any of the `on_*` methods; the others are never called.

    `self.model` is the model, `self.params` holds epochs, steps, verbose. State that a fit makes is made in
    `on_train_begin`, so that one object serves many fits; what a resumed run needs is in `get_state`, and is given
    back by `set_state` after `on_train_begin`.
    `model.stop_training = True` ends training: at once if set after a batch, but the epoch is still validated and
    `on_epoch_end` called.
    """

    kind: ClassVar[str] = "callback"
    model: Any = None
    params: Mapping[str, Any] = MappingProxyType({})
    monitored: str | None = None
    """The name in the logs that the callback cannot do without, which a config check can look for beforehand."""

    def set_model(self, model: Any) -> None:
        """Called with the model before anything else."""
        self.model = model

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Called with {'epochs', 'steps', 'verbose'} of this fit, evaluation or prediction."""
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """After the last epoch, with its logs."""

    def on_train_error(self, error: BaseException) -> None:
        """When training ends by an error or an interrupt."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Before an epoch; epochs count from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """After an epoch, with its loss and metrics; the same dict goes to all callbacks and the history."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a training step; batches count from 0 in each epoch."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a training step, with the running loss and metrics of the epoch."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Before an evaluation, validation included."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """After an evaluation, with its loss and metrics."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch of an evaluation."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Before a prediction."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """After a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch of a prediction."""

    def get_state(self) -> dict[str, Any]:
        """What a resumed run needs, as plain values and arrays."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go back to where `get_state` was."""


HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))


def overridden(callback: Callback) -> list[str]:
    """The hooks that a callback overrides, in its class or by a function set on the object.

    Raises: ArgumentError for a method `on_...` that nobody would ever call.
    """
    found = []
    for name in dir(callback):
        method = getattr(callback, name) if name.startswith("on_") else None
        if not callable(method):
            continue
        if name not in HOOKS:
            raise unknown_hook(f"callback {type(callback).__name__} defines {name!r}, which is never called.", name)
        if getattr(method, "__func__", method) is not getattr(Callback, name):
            found.append(name)
    return found


def unknown_hook(text: str, name: str) -> ArgumentError:
    """The error for a hook that nobody calls: `text`, and the nearest known one."""
    near = nearest(name, HOOKS)
    return ArgumentError(text + (f" Did you mean {near!r}?" if near else f" Known: {', '.join(HOOKS)}."))
