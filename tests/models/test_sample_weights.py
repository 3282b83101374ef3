"""sample_weight: for samples, for time steps, for several outputs; and what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kexp.errors import ArgumentError, DataError
from kexp.layers import LSTM, Dense, Input
from kexp.models import Model, Sequential

X = np.random.default_rng(0).standard_normal((6, 3, 2)).astype("float32")
Y = np.random.default_rng(1).integers(0, 4, (6, 3))


def tagger() -> Sequential:
    model = Sequential([Input((3, 2)), LSTM(2, return_sequences=True), Dense(4, activation="softmax")], seed=1)
    model.compile("sgd", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    return model


def two_outputs() -> Model:
    x = Input((3, 2))
    h = LSTM(2, return_sequences=True)(x)
    model = Model(x, [Dense(4, activation="softmax", name="each")(h), Dense(1, name="last")(LSTM(2)(h))], seed=1)
    model.compile("sgd", ["sparse_categorical_crossentropy", "mse"])
    return model


def test_steps_have_weights() -> None:
    model, weight = tagger(), np.array([[1.0, 0, 2]] * 6)
    p = model.predict(X, verbose=0)
    values = -np.log(np.take_along_axis(p, Y[..., None], -1)[..., 0])
    right = p.argmax(-1) == Y
    found = model.evaluate(X, Y, verbose=0, sample_weight=weight)
    assert found == pytest.approx([(values * weight).mean(), (right * weight).sum() / weight.sum()], rel=1e-5)


def test_steps_without_weight_teach_nothing() -> None:
    weight, other = np.array([[1.0, 0, 2]] * 6), Y.copy()
    other[:, 1] = (other[:, 1] + 1) % 4
    models = []
    for y in (Y, other):
        models.append(tagger())
        models[-1].fit(X, y, batch_size=2, epochs=2, sample_weight=weight, shuffle=False, verbose=0)
    for a, b in zip(models[0].get_weights(), models[1].get_weights(), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("shape", [(6, 1), (6, 1, 1), (6, 3, 1)])
def test_axes_of_length_one_stand_for_all(shape: tuple[int, ...]) -> None:
    weight = np.random.default_rng(2).uniform(size=shape)
    want = np.broadcast_to(weight.reshape(6, -1), (6, 3))
    model = tagger()
    assert model.evaluate(X, Y, verbose=0, sample_weight=weight) == model.evaluate(X, Y, verbose=0, sample_weight=want)


def test_outputs_have_weights_of_their_own() -> None:
    y, each = [Y, np.ones((6, 1))], np.random.default_rng(2).uniform(size=(6, 3))
    model, last = two_outputs(), np.arange(6.0)
    listed = model.evaluate(X, y, verbose=0, sample_weight=[each, last])
    assert listed == model.evaluate(X, y, verbose=0, sample_weight={"last": last, "each": each})
    error = (model.predict(X, verbose=0)[1][:, 0] - 1) ** 2
    assert listed[2] == pytest.approx((error * last).mean(), rel=1e-5)
    alone = model.evaluate(X, y, verbose=0, sample_weight={"last": last})
    assert alone[2] == listed[2] and alone[1] == model.evaluate(X, y, verbose=0)[1]
    before = model.get_weights()
    model.fit(X, y, batch_size=2, epochs=1, verbose=0, sample_weight=[np.zeros(6), np.zeros(6)])
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("weight", "text"),
    [
        (np.ones((6, 2)), "sample_weight must have one number a sample, shape (n,), or one for each value, (n, 3). Received: (6, 2)"),
        (np.ones((6, 3, 4)), "sample_weight must have one number a sample, shape (n,), or one for each value, (n, 3). Received: (6, 3, 4)"),
    ],
)  # fmt: skip
def test_weights_that_fit_nothing_are_an_error(weight: Any, text: str) -> None:
    with pytest.raises(DataError) as error:
        tagger().fit(X, Y, sample_weight=weight)
    assert str(error.value) == text


def test_an_unknown_output_is_an_error() -> None:
    with pytest.raises(ArgumentError) as error:
        two_outputs().fit(X, [Y, np.ones((6, 1))], sample_weight={"lst": np.ones(6)})
    assert str(error.value) == "sample_weight: no output is called lst. Outputs: each, last"


def test_class_weights_are_for_one_label_a_sample() -> None:
    model = Sequential([Input((3, 2)), Dense(4, activation="softmax")])
    model.compile("sgd", "categorical_crossentropy")
    with pytest.raises(DataError) as error:
        model.fit(X, np.eye(4)[Y], class_weight={0: 2.0})
    assert str(error.value) == (
        "class_weight needs targets (n,), (n, 1) or (n, k). Received: (6, 3, 4). "
        "For targets in time, give sample_weight (n, t)."
    )


class Read:
    """A source: rows that are read when they are needed."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Any) -> Any:
        return self.values[rows]


@pytest.mark.parametrize("read_targets", [False, True])
@pytest.mark.parametrize("class_weight", [None, {0: 1.0, 1: 3.0, 2: 0.5}])
@pytest.mark.parametrize("own", [None, np.array([1.0, 0, 2, 1, 3, 0.5]), Read([1.0, 0, 2, 1, 3, 0.5])])
def test_weights_of_sources_are_those_of_arrays(own: Any, class_weight: Any, read_targets: bool) -> None:
    def trained(x: Any, y: Any, weight: Any) -> Any:
        model = Sequential([Input((2,)), Dense(4, activation="softmax")], seed=1)
        model.compile("sgd", "sparse_categorical_crossentropy")
        weights = {"sample_weight": weight, "class_weight": class_weight}
        history = model.fit(x, y, batch_size=2, epochs=2, verbose=0, validation_split=0.3, **weights).history
        return history, model.get_weights()[0].tolist()

    x, y, plain = X[:, 0], Y[:, 0], own.values if isinstance(own, Read) else own
    assert trained(Read(x), Read(y) if read_targets else y, own) == trained(x, y, plain)


def test_a_source_of_weights_that_does_not_fit_is_told() -> None:
    model = Sequential([Input((2,)), Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(DataError) as error:
        model.fit(X[:, 0], Y[:, 0], sample_weight=Read(np.ones((6, 3))), verbose=0)
    assert str(error.value) == "sample_weight must have one number a sample, shape (n,). Received: (6, 3)"
