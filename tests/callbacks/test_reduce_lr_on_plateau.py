"""reduce_lr_on_plateau, and model_checkpoint."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kexp.callbacks import ModelCheckpoint, ReduceLROnPlateau
from kexp.errors import ArgumentError, StateError
from kexp.layers import Dense
from kexp.models import Sequential, load_model
from kexp.optimizers import SGD
from kexp.testing.fake_fit import FakeModel


def test_the_rate_falls_after_patience_and_rests_during_the_cooldown() -> None:
    callback = ReduceLROnPlateau("val_loss", factor=0.5, patience=2, cooldown=1, min_lr=0.03)
    callback.set_model(FakeModel())
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate([1.0, 0.9, 0.9, 0.90001, 0.9, 0.9, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9]):
        logs = {"val_loss": loss}
        callback.on_epoch_end(epoch, logs)
        rates.append(callback.model.optimizer.learning_rate)
        assert logs["learning_rate"] == (rates[-2] if epoch else 0.1)
    assert rates == [0.1, 0.1, 0.1, 0.05, 0.05, 0.03, 0.03, 0.03, 0.03, 0.03, 0.03, 0.03]  # as in Keras 3.15


def test_a_schedule_and_a_factor_of_one_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"factor must be below 1. Received: 1.0"):
        ReduceLROnPlateau(factor=1.0)
    model = Sequential([Dense(1, input_dim=2)])
    model.compile(SGD({"type": "exponential_decay", "initial_learning_rate": 1, "decay_steps": 1, "decay_rate": 1}))
    callback = ReduceLROnPlateau("loss")
    callback.set_model(model)
    with pytest.raises(StateError, match="has a schedule that sets it too"):
        callback.on_train_begin()


def test_checkpoints_are_models_of_their_epoch(tmp_path: Path) -> None:
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    x = np.ones((8, 2))
    seen = []
    checkpoint = ModelCheckpoint(tmp_path / "{epoch:02d}.keras")
    for epoch in range(2):
        model.fit(x, x[:, 0], epochs=epoch + 1, initial_epoch=epoch, verbose=0, callbacks=[checkpoint])
        seen.append(model.predict(x))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["01.keras", "02.keras"]
    assert (load_model(tmp_path / "01.keras").predict(x) == seen[0]).all()


def test_endings_and_names_in_the_path_are_checked(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"filepath must end in \.keras or \.h5"):
        ModelCheckpoint("m.pt")
    with pytest.raises(ArgumentError, match=r"filepath must end in \.weights\.h5"):
        ModelCheckpoint("m.h5", save_weights_only=True)
    checkpoint = ModelCheckpoint(tmp_path / "{val_acc}.keras")
    checkpoint.set_model(FakeModel())
    checkpoint.on_train_begin()
    with pytest.raises(ArgumentError, match="it may hold: epoch, loss"):
        checkpoint.on_epoch_end(0, {"loss": 1.0})
