"""What the callbacks see of a model."""

from __future__ import annotations

from typing import Any

import pytest

from kexp.core.callback import Callback
from kexp.core.optimizer import Optimizer
from kexp.optimizers import SGD


class FakeModel:
    """A model whose one weight is the number of epochs it was trained."""

    def __init__(self) -> None:
        self.weight, self.stop_training = 0, False
        self.optimizer: Optimizer = SGD(0.5)

    def get_weights(self) -> list[Any]:
        return [self.weight]

    def set_weights(self, weights: list[Any]) -> None:
        (self.weight,) = weights

    def fit(self, callback: Callback, epochs: list[dict[str, float]], start: int = 0) -> list[dict[str, float]]:
        """Run the callback through epochs with these logs, until it stops; returns the logs as it leaves them."""
        self.stop_training = False
        self.begin(callback)
        done = []
        for epoch, given in enumerate(epochs, start):
            callback.on_epoch_begin(epoch, {})
            self.weight = epoch + 1
            logs = dict(given)
            callback.on_epoch_end(epoch, logs)
            done.append(logs)
            if self.stop_training:
                break
        callback.on_train_end(done[-1])
        return done

    def begin(self, callback: Callback) -> None:
        callback.set_model(self)
        callback.on_train_begin({})


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()
