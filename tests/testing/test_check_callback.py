"""check_callback passes good callbacks, and each check fails on one that is broken in just that way."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import pytest

from kexp.core.callback import Callback
from kexp.testing import FakeModel, check_callback
from kexp.testing.callback import CHECKS


class Patience(Callback):
    """A good callback: stops after `patience` epochs without a better val_loss, and puts the best weights back."""

    def __init__(self, patience: int = 2) -> None:
        self.patience = patience

    def on_train_begin(self, logs=None):
        self.best, self.wait, self.weights = float("inf"), 0, None

    def on_epoch_end(self, epoch, logs=None):
        self.wait += 1
        if logs["val_loss"] < self.best:
            self.best, self.wait = logs["val_loss"], 0
            self.weights = self.model.get_weights()
        if self.wait >= self.patience:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.weights is not None:
            self.model.set_weights(self.weights)

    def get_state(self):
        return {"best": self.best, "wait": self.wait, "weights": self.weights}

    def set_state(self, state):
        self.best, self.wait, self.weights = state["best"], state["wait"], state["weights"]


class Halving(Callback):
    """A good callback without state: sets the rate by the epoch, and logs it."""

    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = 0.1 / 2**epoch

    def on_epoch_end(self, epoch, logs=None):
        logs["learning_rate"] = self.model.optimizer.learning_rate


class Writer(Callback):
    """A good callback that holds a file during a fit."""

    file = None

    def on_train_begin(self, logs=None):
        self.file = tempfile.TemporaryFile("w")  # noqa: SIM115  (open for the fit)

    def on_train_batch_end(self, batch, logs=None):
        self.file.write(f"{batch} {logs['loss']}\n")

    def on_train_end(self, logs=None):
        self.file.close()

    def on_train_error(self, error):
        self.file.close()

    def on_predict_end(self, logs=None):
        pass


NAN = [{"loss": 1.0}, {"loss": float("nan")}, {"loss": 0.5}]


class StopsOnNaN(Callback):
    """A good callback that stops in the middle of an epoch."""

    def on_train_batch_end(self, batch, logs=None):
        if logs["loss"] != logs["loss"]:
            self.model.stop_training = True


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (Patience, {}),
        (lambda: Patience(patience=1), {}),
        (Halving, {}),
        (Writer, {}),
        (StopsOnNaN, {"logs": NAN}),
    ],
)
def test_good_callbacks_pass(make, options):
    check_callback(make, **options)


class Misspelt(Patience):
    def on_epoch_ends(self, epoch, logs=None):
        pass


class NoHooks(Callback):
    def epoch_end(self, epoch, logs=None):
        pass


class NeedsAFit(Halving):
    def on_test_end(self, logs=None):
        self.model.optimizer.learning_rate = self.rate

    def on_train_begin(self, logs=None):
        self.rate = 0.1


class StateFromTheConstructor(Patience):
    def __init__(self, patience: int = 2) -> None:
        super().__init__(patience)
        super().on_train_begin()

    def on_train_begin(self, logs=None):
        pass


class LeavesItsFileOpen(Writer):
    def on_train_end(self, logs=None):
        pass


class FailsOnErrors(Patience):
    def on_train_error(self, error):
        raise RuntimeError("what now?")


class TakesNoError(Patience):
    def on_train_error(self):
        pass


class LeavesItsFileOpenOnErrors(Writer):
    def on_train_error(self, error):
        pass


class RemembersErrors(Patience):
    failed = False

    def on_train_error(self, error):
        self.failed = True

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        if self.failed:
            self.model.stop_training = True


class StateWithAnObject(Patience):
    def get_state(self):
        return super().get_state() | {"model": self.model}


class StateWithAList(Patience):
    def get_state(self):
        return super().get_state() | {"models": [1.0, self.model]}


class StateWithANumberAsKey(Patience):
    def get_state(self):
        return super().get_state() | {3: 1.0}


class GivesItsOwnList(Patience):
    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        self.seen.append(logs["loss"])

    def get_state(self):
        return super().get_state() | {"seen": self.seen}


class ForgetsItsWait(Patience):
    def get_state(self):
        return super().get_state() | {"wait": 0}


class ForgetsItsWeights(Patience):
    def set_state(self, state):
        super().set_state(state | {"weights": None})


class ForgetsItsPatience(Patience):
    def get_config(self):
        return {}


class ReadsALog(Patience):
    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs | {"val_loss": logs["val_los"]})


BROKEN: list[tuple[type[Callback], dict[str, Any], str, str]] = [
    (
        Misspelt,
        {},
        "hooks",
        ": callback Misspelt defines 'on_epoch_ends', which is never called. Did you mean 'on_epoch_end'?",
    ),
    (
        NoHooks,
        {},
        "hooks",
        ": overrides none of on_train_begin, on_train_end, on_train_error, on_epoch_begin, on_epoch_end, on_train_batch_begin, on_train_batch_end, on_test_begin, on_test_end, on_test_batch_begin, on_test_batch_end, on_predict_begin, on_predict_end, on_predict_batch_begin, on_predict_batch_end",
    ),
    (NeedsAFit, {}, "stages", ", evaluate and predict: AttributeError: 'NeedsAFit' object has no attribute 'rate'"),
    (
        StateFromTheConstructor,
        {},
        "two fits",
        ", second fit with one object, epoch 0: stop_training True instead of False",
    ),
    (LeavesItsFileOpen, {}, "two fits", ", after a fit: the file 'file' is still open"),
    (ReadsALog, {}, "two fits", ", first fit: KeyError: 'val_los'"),
    (FailsOnErrors, {}, "error", ", on_train_error: RuntimeError: what now?"),
    (
        TakesNoError,
        {},
        "error",
        ", on_train_error: TypeError: TakesNoError.on_train_error() takes 1 positional argument but 2 were given",
    ),
    (LeavesItsFileOpenOnErrors, {}, "error", ", after a fit that failed: the file 'file' is still open"),
    (RemembersErrors, {}, "error", ", a fit after one that failed, epoch 0: stop_training True instead of False"),
    (StateWithAnObject, {}, "state", ": get_state()['model'] is a FakeModel, neither a plain value nor an array"),
    (StateWithAList, {}, "state", ": get_state()['models'][1] is a FakeModel, neither a plain value nor an array"),
    (StateWithANumberAsKey, {}, "state", ": get_state() has the key 3, which is no text"),
    (GivesItsOwnList, {}, "state", ": what get_state gave is changed by the next epoch; it must be a copy"),
    (ForgetsItsWait, {}, "resume", ", resumed after epoch 4, epoch 5: stop_training False instead of True"),
    (ForgetsItsWeights, {}, "resume", ", resumed after epoch 3, epoch end: the weights are others"),
    (ForgetsItsPatience, {"patience": 4}, "config", ", from_config, epoch 5: stop_training True instead of False"),
]


def attempt(broken, options):
    check_callback(lambda: broken(**options))


@pytest.mark.parametrize(("broken", "options", "check", "text"), BROKEN, ids=[row[0].__name__ for row in BROKEN])
def test_broken_callbacks_fail(failure, broken, options, check, text):
    found = failure(attempt, broken, options)
    assert (found[0], found[1].split(", on_train_begin,")[0]) == (check, f"{broken.__name__}{text}")


def test_every_check_has_a_callback_that_breaks_it():
    assert set(CHECKS) == {check for _, _, check, _ in BROKEN}


def test_the_pretended_fit_runs_hooks_in_keras_order():
    seen = []

    class Notes(Callback):
        pass

    for hook in [name for name in vars(Callback) if name.startswith("on_")]:
        setattr(Notes, hook, lambda self, *arguments, hook=hook: seen.append(hook[3:]))
    check_callback(Notes, logs=[{"loss": 1.0}], skip=set(CHECKS) - {"two fits"})
    batches = ["train_batch_begin", "train_batch_end"] * 2
    test = ["test_begin", "test_batch_begin", "test_batch_end", "test_end"]
    assert seen == ["train_begin", "epoch_begin", *batches, *test, "epoch_end", "train_end"] * 2


def test_a_model_of_ones_own_is_used():
    made = []

    class Model(FakeModel):
        def __init__(self):
            super().__init__(name="mine")
            made.append(self)

    check_callback(Halving, model=Model)
    assert made
    assert all(isinstance(model.get_weights()[0], np.ndarray) for model in made)
