"""Models on batches that someone else has cut: Batches, generators, PyDatasets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kexp.callbacks import Callback
from kexp.data import Batches
from kexp.errors import ArgumentError, DataError
from kexp.layers import Dense, Dropout
from kexp.models import Sequential
from kexp.utils import PyDataset, Sequence, split_dataset, timeseries_dataset_from_array

RNG = np.random.default_rng(0)
X = RNG.random((103, 4), dtype="float32")
Y = X.sum(1)


def model() -> Sequential:
    made = Sequential([Dense(5, activation="tanh", input_dim=4), Dropout(0.2), Dense(1)], seed=2)
    made.compile("adam", "mse", metrics=["mae"])
    return made


def trained(x: Any, y: Any = None, **arguments: Any) -> tuple[dict[str, Any], list[bytes]]:
    made = model()
    history = made.fit(x, y, verbose=0, **arguments).history
    return history, [weight.tobytes() for weight in made.get_weights()]


def close(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return a.keys() == b.keys() and all(np.allclose(a[key], b[key], rtol=1e-9) for key in a)


def generator(size: int = 10) -> Iterator[Any]:
    while True:
        for start in range(0, len(X), size):
            yield X[start : start + size], Y[start : start + size]


class Cut(PyDataset):
    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.epochs = 0

    def __len__(self) -> int:
        return 11

    def __getitem__(self, index: int) -> Any:
        return X[index * 10 : index * 10 + 10], Y[index * 10 : index * 10 + 10]

    def on_epoch_end(self) -> None:
        self.epochs += 1


def test_batches_train_as_the_arrays_they_are_made_of() -> None:
    history, weights = trained(X, Y, batch_size=10, epochs=3, shuffle=False)
    for batches, more in (
        (Batches.from_arrays(X, Y).batch(10), {}),
        (generator(), {"steps_per_epoch": 11}),
        (Cut(), {}),
        (Cut(workers=3), {}),
    ):
        found, same = trained(batches, epochs=3, **more)
        assert same == weights
        assert close(found, history)


@pytest.mark.parametrize("workers", [None, 0, 2, 4])
def test_the_same_seed_gives_the_same_batches_whatever_the_workers(workers: int | None) -> None:
    chain = Batches.from_arrays(X, Y).map(lambda x, y: (x * 2, y)).shuffle(3).batch(10).prefetch(2)
    wanted = trained(chain, epochs=3, workers=0)
    assert trained(chain, epochs=3, workers=workers) == wanted
    assert trained(Batches.from_arrays(X * 2, Y).shuffle(3).batch(10), epochs=3) == wanted
    assert trained(Batches.from_arrays(X * 2, Y).shuffle(4).batch(10), epochs=3) != wanted


def test_epochs_are_shuffled_differently_and_cached_ones_are_not() -> None:
    chain = Batches.from_arrays(X, Y).shuffle(1).batch(10)
    assert not np.array_equal(chain.get_batch(0, 0)[0], chain.get_batch(1, 0)[0])
    calls: list[int] = []
    cached = chain.map(lambda x, y: (calls.append(1) or x, y)).cache()
    assert np.array_equal(cached.get_batch(0, 0)[0], cached.get_batch(1, 0)[0])
    assert calls == [1]
    assert sorted(np.concatenate([y for _, y in chain]).tolist()) == sorted(Y.tolist())


def test_a_fit_on_batches_goes_on_at_the_next_batch() -> None:
    class Keep(Callback):
        tree: Any = None

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 6 and self.tree is None:
                self.tree = self.model.get_state_tree()

    chain = Batches.from_arrays(X, Y).shuffle(3).batch(10)
    for make in (lambda: chain, generator):
        steps = None if make() is chain else 11
        keep, whole, rest = Keep(), model(), model()
        history = whole.fit(make(), epochs=3, verbose=0, callbacks=[keep], steps_per_epoch=steps).history
        rest.set_state_tree(keep.tree)
        assert rest.fit(make(), epochs=3, verbose=0, callbacks=[Keep()], steps_per_epoch=steps).history == history
        assert [w.tobytes() for w in rest.get_weights()] == [w.tobytes() for w in whole.get_weights()]


def test_batches_are_evaluated_predicted_and_validated_on() -> None:
    made, chain = model(), Batches.from_arrays(X, Y).batch(10)
    assert np.allclose(made.evaluate(chain), made.evaluate(X, Y), rtol=1e-6)
    assert np.allclose(made.predict(chain), made.predict(X), rtol=1e-6)
    assert np.allclose(made.predict(generator(), steps=2), made.predict(X[:20]), rtol=1e-6)
    assert np.allclose(made.predict_generator(Cut(), steps=3), made.predict(X[:30]), rtol=1e-6)
    assert np.allclose(made.evaluate_generator(generator(), 11), made.evaluate(X, Y), rtol=1e-6)
    for data in (chain, (X, Y)):
        history = made.fit(chain, epochs=1, verbose=0, validation_data=data).history
        assert np.allclose(history["val_loss"], made.evaluate(X, Y)[0], rtol=1e-6)
    assert "val_loss" in made.fit(X, Y, verbose=0, validation_data=chain).history


def test_keras_2_fits_generators() -> None:
    made, data = model(), Cut()
    made.fit_generator(data, epochs=2, verbose=0, workers=2, use_multiprocessing=False, max_queue_size=5, shuffle=False)
    assert data.epochs == 2
    assert Sequence is PyDataset


def test_sample_weights_of_batches_count() -> None:
    weight = np.linspace(0, 1, len(X))
    made = model()
    weighted = made.evaluate(Batches.from_arrays(X, Y, weight).batch(103), return_dict=True)
    assert weighted["loss"] == pytest.approx(made.evaluate(X, Y, 103, sample_weight=weight, return_dict=True)["loss"])


def test_an_unbuilt_model_is_built_by_the_first_batch_which_is_not_lost() -> None:
    made = Sequential([Dense(1)], seed=1)
    made.compile("sgd", "mse")
    seen: list[int] = []

    def counted() -> Iterator[Any]:
        for i, batch in enumerate(generator()):
            if i == 3:
                return
            seen.append(i)
            yield batch

    assert len(made.fit(counted(), verbose=0).history["loss"]) == 1
    assert seen == [0, 1, 2]
    assert made.optimizer is not None
    assert made.optimizer.iterations == 3


def short() -> Iterator[Any]:
    yield X[:10], Y[:10]


@pytest.mark.parametrize(
    ("data", "arguments", "text"),
    [
        (short(), {"epochs": 2}, "a generator gives its batches once, and they are needed again for a further epoch. "
         "Give an endless generator with steps_per_epoch (to validate, validation_steps), or use kexp.data.Batches"),
        (short(), {"steps_per_epoch": 3}, "the generator ended after 1 batches of epoch 1, where 3 batches were asked "
         "for. Make it endless, give a smaller steps_per_epoch, or use kexp.data.Batches"),
        (iter([]), {}, "the generator gives no batch. One that was used up must be made anew"),
        (iter([X]), {}, "a batch to train on must be (x, y) or (x, y, sample_weight). Received: a ndarray"),
        (Batches.from_arrays(X, Y), {}, "a model takes batches, and these are single samples: call .batch(batch_size) "
         "first"),
    ],
)  # fmt: skip
def test_batches_that_do_not_fit_are_told(data: Any, arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(DataError) as error:
        model().fit(data, verbose=0, **arguments)
    assert str(error.value) == text


def test_what_batches_say_themselves_cannot_be_given() -> None:
    chain = Batches.from_arrays(X, Y).batch(10)
    for name, value in (("y", Y), ("batch_size", 5), ("sample_weight", Y), ("validation_split", 0.5)):
        with pytest.raises(ArgumentError) as error:
            model().fit(chain, **{name: value}, verbose=0)
        assert str(error.value) == f"{name} cannot be given with batches of (x, y), which say it themselves"


def test_windows_of_a_series_are_keras_own() -> None:
    series = np.arange(20)
    windows = timeseries_dataset_from_array(series, series * 10, 4, sequence_stride=3, sampling_rate=2, batch_size=3)
    found = [(x.tolist(), y.tolist()) for x, y in windows]
    assert found == [
        ([[0, 2, 4, 6], [3, 5, 7, 9], [6, 8, 10, 12]], [0, 30, 60]),
        ([[9, 11, 13, 15], [12, 14, 16, 18]], [90, 120]),
    ]
    some = timeseries_dataset_from_array(series, None, 3, start_index=5, end_index=9)
    assert [x.tolist() for (x,) in some] == [[[5, 6, 7], [6, 7, 8]]]
    with pytest.raises(
        DataError, match="4 steps are too few for a window of 5 steps at a sampling rate of 1, which needs 5"
    ):
        timeseries_dataset_from_array(series, None, 5, start_index=5, end_index=9)


def test_a_data_set_is_split_once() -> None:
    left, right = split_dataset((X, Y), left_size=0.75)
    assert (len(left), len(right)) == (77, 26)
    left, right = split_dataset((X, Y), right_size=10, shuffle=True, seed=1)
    rows = [float(y) for _, y in left] + [float(y) for _, y in right]
    assert len(right) == 10
    assert sorted(rows) == sorted(Y.tolist())
    assert rows != Y.tolist()
    assert np.isfinite(model().fit(left.batch(10), verbose=0).history["loss"][0])
    with pytest.raises(ArgumentError, match="left_size=90 and right_size=90 do not fit 103 elements"):
        split_dataset((X, Y), 90, 90)
