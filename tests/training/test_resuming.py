"""A fit that was cut off goes on at the next batch, and ends with the bytes of the one that was not."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kexp.callbacks import Callback
from kexp.core.transform import Transform
from kexp.datasets import hdf5
from kexp.errors import DataError, MissingFileError, StateError
from kexp.layers import LSTM, BatchNormalization, Bidirectional, Dense, Dropout
from kexp.models import Sequential
from kexp.training import read_tree, write_tree

RNG = np.random.default_rng(0)
X = RNG.random((203, 6), dtype="float32")
Y = (X.sum(1) > 3).astype("float32")


class Noise(Transform):
    """Adds noise to training batches."""

    random = True

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        return x if stream is None else x + stream.normal(0, 0.1, x.shape).astype(x.dtype)


class Keep(Callback):
    """Keeps the state at one batch of one epoch, and counts the batches that were trained on."""

    def __init__(self, epoch: int = -1, batch: int = -1, at: str = "batch") -> None:
        self.cut, self.at = (epoch, batch), at
        self.epoch, self.batches = 0, 0
        self.tree: dict[str, Any] | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1
        if self.at == "batch" and (self.epoch, batch) == self.cut:
            self.tree = self.model.get_state_tree()

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.at == "validation" and (self.epoch, batch) == self.cut:
            self.tree = self.model.get_state_tree()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.at == "epoch" and epoch == self.cut[0]:
            self.tree = self.model.get_state_tree()


def model(**compiled: Any) -> Sequential:
    made = Sequential(
        [
            Dense(8, activation="relu", input_dim=6),
            Dropout(0.3),
            BatchNormalization(),
            Dense(1, activation="sigmoid"),
        ],
        seed=5,
    )
    made.compile(**{"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy", "auc"]} | compiled)
    return made


def bytes_of(trained: Sequential) -> list[bytes]:
    return [weight.tobytes() for weight in trained.get_weights()]


def both(keep: Keep, x: Any = X, y: Any = Y, **fit: Any) -> tuple[Keep, Any, Any]:
    """Train undisturbed, keep the state on the way, and let a fresh model go on from it."""
    arguments: dict[str, Any] = {"batch_size": 20, "epochs": 4, "verbose": 0} | fit
    undisturbed = model()
    history = undisturbed.fit(x, y, callbacks=[keep], **arguments).history
    assert keep.tree is not None
    fresh, count = model(), Keep()
    fresh.set_state_tree(keep.tree)
    resumed = fresh.fit(x, y, callbacks=[count], **arguments)
    first = resumed.epoch[0] if resumed.epoch else arguments["epochs"]
    assert resumed.history == {name: values[first:] for name, values in history.items() if values[first:]}
    assert bytes_of(fresh) == bytes_of(undisturbed)
    return count, resumed, undisturbed


@pytest.mark.parametrize("cut", [(0, 0), (0, 9), (0, 10), (1, 4), (3, 10)])
def test_a_fit_goes_on_at_the_next_batch(cut: tuple[int, int]) -> None:
    count, resumed, _ = both(Keep(*cut))
    assert resumed.epoch[0] == cut[0]
    assert count.batches == 4 * 11 - (cut[0] * 11 + cut[1] + 1)


def test_a_fit_goes_on_after_an_epoch_and_in_the_middle_of_a_validation() -> None:
    count, resumed, _ = both(Keep(1, at="epoch"), validation_split=0.2)
    assert resumed.epoch == [2, 3]
    count, resumed, _ = both(Keep(1, 0, "validation"), validation_split=0.2)
    assert resumed.epoch == [1, 2, 3]
    assert count.batches == 2 * 9


@pytest.mark.parametrize(
    "fit", [{"shuffle": "batch"}, {"shuffle": False}, {"steps_per_epoch": 25}, {"steps_per_epoch": 4}]
)
def test_a_fit_goes_on_in_every_order_of_the_data(fit: dict[str, Any]) -> None:
    both(Keep(1, 3), **fit)


@pytest.mark.parametrize("at", ["batch", "epoch"])
def test_a_fit_that_was_asked_to_stop_stops(at: str) -> None:
    class Stop(Callback):
        epoch = 0

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.epoch = epoch

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if at == "batch" and (self.epoch, batch) == (1, 3):
                self.model.stop_training = True

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                self.model.stop_training = True

    whole, resumed, keep = model(), model(), Keep(1, 3, at)
    arguments: dict[str, Any] = {"batch_size": 20, "epochs": 4, "verbose": 0}
    history = whole.fit(X, Y, callbacks=[Stop(), keep], **arguments).history
    assert keep.tree is not None
    resumed.set_state_tree(keep.tree)
    again = resumed.fit(X, Y, **arguments).history
    assert again == ({} if at == "epoch" else {name: values[1:] for name, values in history.items()})
    assert bytes_of(resumed) == bytes_of(whole)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_fit_on_a_file_goes_on_at_the_next_batch(workers: int, tmp_path: Path, monkeypatch: Any) -> None:
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"], file["y"] = X, Y
    monkeypatch.setattr("kexp.data.feed.READ_BYTES", 60 * 28)
    monkeypatch.setattr("kexp_plugins.datasets.runs.CHUNK_BYTES", 10 * 24)
    train = hdf5(str(tmp_path / "data.h5"))["train"]
    assert train.x.chunk_rows == 10
    both(Keep(2, 7), train.x, train.y, workers=workers)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_fit_with_augmented_batches_goes_on_at_the_next_batch(workers: int) -> None:
    keep = Keep(1, 4)
    arguments: dict[str, Any] = {"batch_size": 20, "epochs": 3, "verbose": 0, "workers": workers}
    undisturbed, fresh = model(), model()
    for made in (undisturbed, fresh):
        made.pipeline = [Noise()]
    history = undisturbed.fit(X, Y, callbacks=[keep], **arguments).history
    assert keep.tree is not None
    fresh.set_state_tree(keep.tree)
    assert fresh.fit(X, Y, callbacks=[Keep()], **arguments).history["loss"] == history["loss"][1:]
    assert bytes_of(fresh) == bytes_of(undisturbed)


def test_a_rate_that_a_callback_had_lowered_stays_lowered() -> None:
    class Halve(Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = self.model.optimizer.learning_rate / 2

    keep, undisturbed, fresh = Keep(1, 3), model(), model()
    undisturbed.fit(X, Y, epochs=3, verbose=0, callbacks=[Halve(), keep])
    assert keep.tree is not None
    fresh.set_state_tree(keep.tree)
    fresh.fit(X, Y, epochs=3, verbose=0, callbacks=[Halve(), Keep()])
    assert bytes_of(fresh) == bytes_of(undisturbed)


def test_after_an_error_in_a_callback_the_state_is_that_of_the_last_step() -> None:
    class Fail(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 3:
                raise KeyboardInterrupt

    cut, undisturbed, fresh = model(), model(), model()
    undisturbed.fit(X, Y, epochs=2, verbose=0, callbacks=[Keep()])
    with pytest.raises(KeyboardInterrupt):
        cut.fit(X, Y, epochs=2, verbose=0, callbacks=[Fail()])
    fresh.set_state_tree(cut.get_state_tree())
    fresh.evaluate(X, Y)
    fresh.fit(X, Y, epochs=2, verbose=0, callbacks=[Keep()])
    assert bytes_of(fresh) == bytes_of(undisturbed)


def test_a_step_that_was_cut_off_is_told(monkeypatch: Any) -> None:
    cut = model()
    cut.fit(X, Y, verbose=0)

    def fail(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cut.optimizer, "update", fail)
    with pytest.raises(KeyboardInterrupt):
        cut.fit(X, Y, verbose=0)
    with pytest.raises(StateError) as error:
        cut.get_state_tree()
    assert str(error.value) == (
        "the fit was cut off within a step (epoch 1, after batch 0), so the weights fit no position in the data. "
        "Take the state in a callback, or from a checkpoint that one has written."
    )


def test_after_a_fit_that_ended_the_next_one_starts_anew() -> None:
    first, second = model(), model()
    first.fit(X, Y, epochs=2, verbose=0)
    second.set_state_tree(first.get_state_tree())
    assert second.fit(X, Y, epochs=2, verbose=0).epoch == [0, 1]
    first.fit(X, Y, epochs=2, verbose=0)
    assert bytes_of(first) == bytes_of(second)


def test_states_that_a_recurrent_layer_keeps_are_part_of_the_state() -> None:
    def recurrent() -> Sequential:
        made = Sequential([Bidirectional(LSTM(3, stateful=True), input_shape=(4, 2)), Dense(1)], seed=1)
        made.compile("adam", "mse")
        return made

    x, y = RNG.random((30, 4, 2), dtype="float32"), np.arange(30.0)
    keep, whole, rest = Keep(1, 1), recurrent(), recurrent()
    arguments: dict[str, Any] = {"batch_size": 10, "epochs": 3, "shuffle": False, "verbose": 0}
    whole.fit(x, y, callbacks=[keep], **arguments)
    assert keep.tree is not None
    rest.set_state_tree(keep.tree)
    rest.fit(x, y, callbacks=[Keep()], **arguments)
    assert bytes_of(rest) == bytes_of(whole)


def test_a_model_that_is_not_ready_takes_no_state() -> None:
    tree = model().get_state_tree()
    with pytest.raises(StateError, match="must be built and compiled before it takes up a state"):
        Sequential([Dense(1)]).set_state_tree(tree)


def test_a_tree_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    trained = model()
    trained.fit(X, Y, verbose=0)
    tree = trained.get_state_tree()
    write_tree(tmp_path / "state.npz", tree)
    found = read_tree(tmp_path / "state.npz")
    assert found["streams"] == tree["streams"]
    assert [found["weights"][key].tobytes() for key in tree["weights"]] == bytes_of(trained)
    assert [place.name for place in tmp_path.iterdir()] == ["state.npz"]


def test_what_is_no_checkpoint_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(DataError, match=r"bad\.npz is not a checkpoint, or it is damaged"):
        read_tree(tmp_path / "bad.npz")
    with pytest.raises(MissingFileError, match="the checkpoint .* is not there"):
        read_tree(tmp_path / "none.npz")


PROGRAM = """
import os, signal, sys
import numpy as np
from kexp.callbacks import Callback
from kexp.layers import Dense, Dropout
from kexp.models import Sequential
from kexp.training import read_tree, write_tree

class Checkpoint(Callback):
    epoch = 0
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
    def on_train_batch_end(self, batch, logs=None):
        write_tree("state.npz", self.model.get_state_tree())
        if sys.argv[1] == "die" and (self.epoch, batch) == (1, 2):
            os.kill(os.getpid(), signal.SIGKILL)

rng = np.random.default_rng(0)
x = rng.random((50, 4), dtype="float32")
model = Sequential([Dense(8, activation="tanh", input_dim=4), Dropout(0.5), Dense(1)], seed=1)
model.compile("adam", "mse")
if sys.argv[1] == "resume":
    model.set_state_tree(read_tree("state.npz"))
history = model.fit(x, x.sum(1), batch_size=8, epochs=3, verbose=0, callbacks=[Checkpoint()])
print(history.history["loss"][-2:], [w.tobytes().hex() for w in model.get_weights()])
"""


def test_a_killed_process_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    def run(how: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, cwd=tmp_path)

    undisturbed = run("whole")
    assert undisturbed.returncode == 0, undisturbed.stderr
    assert run("die").returncode == -signal.SIGKILL
    resumed = run("resume")
    assert resumed.stdout == undisturbed.stdout, resumed.stderr
