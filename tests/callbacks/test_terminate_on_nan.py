"""TerminateOnNaN: stops at the batch, or raises."""

from __future__ import annotations

from typing import Any

import pytest

from kexp.callbacks import TerminateOnNaN
from kexp.errors import KexpError
from kexp_plugins.callbacks.terminate_on_nan import NonFiniteLossError

BAD = [float("nan"), float("inf"), float("-inf")]


@pytest.mark.parametrize("loss", BAD)
def test_training_stops_after_the_batch(model: Any, loss: float, capsys: pytest.CaptureFixture[str]) -> None:
    callback = TerminateOnNaN()
    model.begin(callback)
    callback.on_train_batch_end(3, {"loss": loss})
    assert model.stop_training
    assert capsys.readouterr().out == "Batch 3: Invalid loss, terminating training\n"


@pytest.mark.parametrize("logs", [None, {}, {"loss": 0.0}, {"loss": 1e300}, {"loss": 1.0, "mae": float("nan")}])
def test_training_goes_on_while_the_loss_is_a_number(model: Any, logs: Any) -> None:
    callback = TerminateOnNaN(raise_error=True)
    model.begin(callback)
    callback.on_train_batch_end(3, logs)
    assert not model.stop_training


@pytest.mark.parametrize("loss", BAD)
def test_it_raises_if_told_so(model: Any, loss: float) -> None:
    callback = TerminateOnNaN(raise_error=True)
    model.begin(callback)
    with pytest.raises(NonFiniteLossError) as caught:
        callback.on_train_batch_end(3, {"loss": loss})
    assert str(caught.value) == f"the loss is {loss} after batch 3 of the epoch (counted from 0)"
    assert isinstance(caught.value, KexpError) and isinstance(caught.value, RuntimeError)
