"""A pretended training: a model without arithmetic, and a fit whose logs are given beforehand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kexp.core.callback import Callback, overridden
from kexp.testing.arrays import Host

Script = Sequence[Mapping[str, float]]
BATCHES = 2

_LOSSES = (1.0, 0.7, 0.5, 0.45, 0.46, 0.48, 0.44, 0.47, 0.49, 0.5)
SCRIPT: Script = tuple(
    {"loss": loss * 0.9, "accuracy": 1 - loss / 2, "val_loss": loss, "val_accuracy": 0.9 - loss / 2} for loss in _LOSSES
)
"""Ten epochs: improvement, a plateau, a late best value, then worse again."""


@dataclass
class FakeOptimizer:
    """What callbacks use of an optimizer."""

    learning_rate: float = 0.1
    iterations: int = 0


@dataclass
class FakeModel:
    """What callbacks use of a model. Each batch changes the weights, so that every epoch has its own."""

    name: str = "fake"
    stop_training: bool = False
    optimizer: FakeOptimizer = field(default_factory=FakeOptimizer)
    values: Host = field(default_factory=lambda: np.zeros(3))

    def get_weights(self) -> list[Host]:
        """Copies of the weights."""
        return [self.values.copy()]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Overwrite the weights."""
        (values,) = weights
        self.values[...] = values

    def train_step(self) -> None:
        """One step: the weights move by the learning rate."""
        self.values += self.optimizer.learning_rate
        self.optimizer.iterations += 1

    def save(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """Write the weights to a file."""
        Path(filepath).write_bytes(self.values.tobytes())

    save_weights = save

    def load_weights(self, filepath: Any) -> None:
        """Read the weights from a file."""
        self.values[...] = np.frombuffer(Path(filepath).read_bytes())


class FitFailed(RuntimeError):
    """The error that a pretended fit raises where it is told to."""


@dataclass
class FakeFit:
    """One fit with one callback: what the callback decided in each epoch is noted down.

    Hooks are called as the training loop does it: only those that the callback overrides, in Keras' order.
    """

    callback: Callback
    model: Any
    script: Script
    fails_in: int | None = None
    noted: list[dict[str, Any]] = field(default_factory=list)

    def begin(self) -> FakeFit:
        """What comes before the first epoch."""
        self.hooks = set(overridden(self.callback))
        self.callback.set_model(self.model)
        self.callback.set_params({"epochs": len(self.script), "steps": BATCHES, "verbose": 0})
        self.model.stop_training = False
        self.call("on_train_begin", {})
        return self

    def epochs(self, first: int = 0, last: int | None = None) -> FakeFit:
        """Run the epochs from `first` to before `last`, or until the callback stops training."""
        stop = len(self.script) if last is None else last
        for epoch in range(first, stop):
            if self.model.stop_training:
                break
            self.noted.append(self.epoch(epoch))
        return self

    def epoch(self, epoch: int) -> dict[str, Any]:
        """Run one epoch; returns what can be seen of the callback's decisions."""
        self.call("on_epoch_begin", epoch, {})
        rate, steps, given = self.model.optimizer.learning_rate, 0, dict(self.script[epoch])
        train = {name: value for name, value in given.items() if not name.startswith("val_")}
        for batch in range(BATCHES):
            self.call("on_train_batch_begin", batch, {})
            if epoch == self.fails_in:
                raise FitFailed("a pretended failure")
            self.model.train_step()
            steps += 1
            self.call("on_train_batch_end", batch, dict(train))
            if self.model.stop_training:
                break
        found = {name[4:]: value for name, value in given.items() if name.startswith("val_")}
        self.call("on_test_begin", {})
        self.call("on_test_batch_begin", 0, {})
        self.call("on_test_batch_end", 0, dict(found))
        self.call("on_test_end", dict(found))
        self.call("on_epoch_end", epoch, given)
        return {
            "epoch": epoch,
            "learning rate": rate,
            "batches": steps,
            "logs": {name: repr(float(value)) for name, value in given.items()},
            "stop_training": self.model.stop_training,
            "weights": fingerprint(self.model.get_weights()),
        }

    def end(self) -> FakeFit:
        """What comes after the last epoch."""
        self.call("on_train_end", dict(self.script[-1]))
        self.noted.append({"epoch": "end", "weights": fingerprint(self.model.get_weights())})
        return self

    def call(self, hook: str, *arguments: Any) -> None:
        """Call a hook, if the callback overrides it."""
        if hook in self.hooks:
            getattr(self.callback, hook)(*arguments)


def fingerprint(arrays: Sequence[Host]) -> str:
    """A digest of some arrays."""
    return hashlib.blake2b(
        b"".join(np.ascontiguousarray(array).tobytes() for array in arrays), digest_size=8
    ).hexdigest()
