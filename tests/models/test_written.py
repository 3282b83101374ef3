"""Models whose author writes `call`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kexp
import kexp.layers as kl
from kexp.autodiff import TracingError
from kexp.errors import ArgumentError, StateError

RNG = np.random.default_rng(0)
X = RNG.random((40, 3)).astype("float32")
Y = X.sum(1)


class Net(kexp.Model):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first = kl.Dense(4, activation="tanh")
        self.blocks = [kl.Dense(4), kl.Dense(4)]
        self.ends = {"last": kl.Dense(1, kernel_regularizer="l2")}
        self.norm, self.drop = kl.BatchNormalization(), kl.Dropout(0.1)
        self.inner = kexp.Sequential([kl.Dense(4, activation="relu"), kl.Dense(4)])

    def call(self, x: Any, training: bool = False) -> Any:
        h = self.first(x)
        for block in self.blocks:
            h = h + block(h)
        h = self.inner(self.drop(self.norm(h)))
        return self.ends["last"](np.concatenate([h, np.tanh(h)], axis=-1))


def test_it_learns_and_has_keras_methods(capsys: pytest.CaptureFixture[str]) -> None:
    model = Net(seed=1)
    model.compile("adam", "mse", metrics=["mae"])
    losses = model.fit(X, Y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert model.predict(X).shape == (40, 1)
    assert len(model.evaluate(X, Y, verbose=0)) == 2
    model.summary()
    assert "(None, 4)" in capsys.readouterr().out
    assert [layer.name for layer in model.layers][:2] == ["dense_1", "dense_2"]
    twin = Net()
    twin.build((None, 3))
    twin.set_weights(model.get_weights())
    np.testing.assert_array_equal(twin.predict(X), model.predict(X))


def test_it_learns_what_the_same_functional_model_learns() -> None:
    class Plain(kexp.Model):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.norm = kl.Dense(4, activation="tanh"), kl.Dense(1), kl.BatchNormalization()

        def call(self, x: Any) -> Any:
            return self.b(self.norm(self.a(x)) + self.a(x))

    written = Plain()
    written.build((None, 3))
    x = kl.Input((3,))
    a, norm = kl.Dense(4, activation="tanh"), kl.BatchNormalization()
    functional = kexp.Model(x, kl.Dense(1)(kl.Add()([norm(a(x)), a(x)])))
    order = ["dense_1", "dense_2", "batch_normalization_1"]
    for name, layer in zip(order, written.layers, strict=True):
        functional.get_layer(name).set_weights(layer.get_weights())
    for model in (written, functional):
        model.compile("adam", "mse")
        model.fit(X, Y, epochs=3, shuffle=False, verbose=0)
    np.testing.assert_allclose(written.predict(X), functional.predict(X), rtol=1e-4, atol=1e-6)


def test_several_inputs_and_outputs_by_name_and_masks() -> None:
    class Two(kexp.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense, self.words, self.lstm = kl.Dense(2), kl.Embedding(5, 2, mask_zero=True), kl.LSTM(2)

        def call(self, inputs: Any) -> Any:
            return {"s": self.dense(inputs["a"]) + self.lstm(self.words(inputs["b"])), "t": inputs["a"] * 2}

    model = Two()
    model.compile("sgd", {"s": "mse", "t": "mse"})
    feeds = {"a": np.ones((6, 2)), "b": np.array([[1, 2, 0]] * 6)}
    model.fit(feeds, {"s": np.zeros((6, 2)), "t": np.zeros((6, 2))}, verbose=0)
    before = model(feeds)["s"]
    table = model.words.get_weights()[0]
    model.words.set_weights([np.vstack([table[:1] + 5, table[1:]])])  # index 0 is masked
    np.testing.assert_array_equal(model(feeds)["s"], before)


def test_frozen_layers_stay_and_it_stands_in_other_models() -> None:
    net = Net()
    x = kl.Input((3,))
    model = kexp.Model(x, kl.Dense(1)(net(x)))
    model.compile("sgd", "mse")
    net.first.trainable = False
    before = net.first.get_weights()[0]
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(before, net.first.get_weights()[0])


def test_errors_say_what_to_do() -> None:
    class Leaving(kexp.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = kl.Dense(2)

        def call(self, x: Any) -> Any:
            return np.asarray(self.dense(x))

    model = Leaving()
    model.compile("sgd", "mse")
    with pytest.raises(TracingError, match="would lose its derivative"):
        model.fit(X, np.zeros((40, 2)), verbose=0)
    with pytest.raises(ArgumentError, match="written in code"):
        model.get_config()

    class Stranger(kexp.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = kl.Dense(2)

        def call(self, x: Any) -> Any:
            return kl.Dense(2)(self.dense(x))

    with pytest.raises(StateError, match="none of its attributes"):
        Stranger().build((None, 3))
