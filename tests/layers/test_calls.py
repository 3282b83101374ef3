"""Arguments of a layer's call, on arrays and on symbolic tensors, and the dtypes that layers are handed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kexp
import kexp.layers as kl
from kexp.errors import ArgumentError, ShapeError
from kexp.models import clone_model, model_from_json
from kexp.testing import check_layer
from tests.fixtures.make_attention_calls import CASES, arrays, filled

STORED = np.load(Path(__file__).parent.parent / "fixtures" / "attention_calls.npz")


def stored(name: str, part: str) -> list[np.ndarray[Any, Any]]:
    count = sum(key.startswith(f"{name}/{part}") and key[len(f"{name}/{part}")].isdigit() for key in STORED.files)
    return [STORED[f"{name}/{part}{i}"] for i in range(count)]


@pytest.mark.parametrize("symbolic", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_calls_give_keras_numbers(name: str, symbolic: bool) -> None:
    kind, arguments, call = CASES[name]
    given = arrays()
    feeds = [given["query"]] if kind == "Softmax" else [given["query"], given["value"]]
    inputs: list[Any] = [kl.Input(x.shape[1:], dtype="float64") for x in feeds]
    masks = dict(given)
    if symbolic:
        for mask in [m for value in call.values() for m in (value if isinstance(value, list) else [value])]:
            if isinstance(mask, str) and len(given[mask]) == 2:
                masks[mask] = kl.Input(given[mask].shape[1:], dtype="bool")
                inputs.append(masks[mask])
                feeds.append(given[mask])
    layer = getattr(kl, kind)(**arguments, dtype="float64")
    plain = inputs[: 1 if kind == "Softmax" else 2]
    y = layer(plain if len(plain) > 1 else plain[0], **filled(call, masks))
    outputs = y if isinstance(y, list) else [y]
    model = kexp.Model(inputs, outputs)
    model.set_weights(stored(name, "w"))
    engine = kexp.graph.Engine(model.graph, model.backend, model.streams, training=True, weights=model._flat)
    for got, want, tensor in zip(engine.forward(feeds), stored(name, "y"), outputs, strict=True):
        assert got.shape[1:] == tensor.shape[1:]
        np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-6)  # Keras' fused attention computes in float32
    dys = [np.random.default_rng(7 + i).standard_normal(y.shape) for i, y in enumerate(stored(name, "y"))]
    engine.backward(dys)
    for weight, want in zip(model.weights, stored(name, "dw"), strict=True):
        np.testing.assert_allclose(model._flat.gradients[weight], want, rtol=1e-5, atol=5e-6)


def test_a_model_with_arguments_of_calls_is_made_again_from_its_config() -> None:
    x, pairs, state = kl.Input((4, 3)), kl.Input((4, 4), dtype="bool"), kl.Input((2,))
    y, scores = kl.MultiHeadAttention(2, 3)(x, x, attention_mask=pairs, return_attention_scores=True)
    y = kl.LSTM(2)(kl.Dropout(0.0)(y, training=True), initial_state=[state, state])
    model = kexp.Model([x, pairs, state], [y, scores])
    feeds = [np.random.default_rng(0).random((2, 4, 3)), np.tril(np.ones((2, 4, 4), bool)), np.ones((2, 2))]
    for other in (model_from_json(model.to_json()), clone_model(model), model.from_config(model.get_config())):
        other.set_weights(model.get_weights())
        assert other.get_config()["layers"] == model.get_config()["layers"]
        for got, want in zip(other.predict(feeds), model.predict(feeds), strict=True):
            np.testing.assert_array_equal(got, want)


def test_training_in_a_call_holds_for_that_place() -> None:
    x = kl.Input((50,))
    model = kexp.Model(x, kl.Dropout(0.5)(x, training=True))
    assert (model.predict(np.ones((2, 50))) == 0).any()
    asleep = kexp.Model(x, kl.Dropout(0.5)(x, training=False))
    assert (asleep(np.ones((2, 50)), training=True) == 1).all()


def test_an_argument_that_nobody_takes_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="takes no argument 'scale' in a call"):
        kl.Dense(3)(kl.Input((2,)), scale=3)


class Gated(kexp.Layer):
    """Layers inside, in a list, and an argument of the call."""

    def __init__(self, units: int = 3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.ways = [kl.Dense(units, activation="tanh"), kl.Dense(units)]
        self.norm = kl.LayerNormalization()

    def call(self, inputs: Any, gate: Any = None, scale: float = 1.0) -> Any:
        h = self.ways[0](inputs)
        h = h + self.ways[1](h) + self.ways[1](h * 2)
        return self.norm(h) * scale if gate is None else h * scale * gate


def test_a_layer_of_layers_keeps_the_contract() -> None:
    check_layer(Gated, (4, 3))


def test_a_tensor_by_name_gets_a_gradient() -> None:
    x, z = kl.Input((2,), dtype="float64"), kl.Input((2,), dtype="float64")
    gate = kl.Dense(3, dtype="float64")(z)
    model = kexp.Model([x, z], Gated(dtype="float64")(x, gate=gate, scale=2.0))
    model.compile("sgd", "mse")
    before = [w.copy() for w in model.get_layer("dense_1").get_weights()]
    model.fit([np.ones((4, 2)), np.ones((4, 2))], np.ones((4, 3)), verbose=0)
    assert not np.array_equal(before[0], model.get_layer("dense_1").get_weights()[0])


def test_layers_are_handed_numbers_of_their_own_dtype() -> None:
    whole, wide = kl.Input((3,), dtype="int32"), kl.Input((3,), dtype="float64")
    words = kl.Flatten()(kl.Embedding(5, 2)(kl.Reshape((3,))(whole)))
    model = kexp.Model([whole, wide], kl.Dense(1)(kl.Concatenate()([kl.Dense(2)(whole), kl.Dense(2)(wide), words])))
    model.compile("sgd", "mse")
    feeds = [np.ones((4, 3), int), np.ones((4, 3))]
    model.fit(feeds, np.ones(4), verbose=0)
    assert model.predict(feeds).dtype == np.float32
    one = kexp.Sequential([kl.Input((3,)), kl.Dense(2), kl.Activation("softmax", dtype="float64")])
    one.compile("adam", "mse")
    one.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    assert one.predict(np.ones((4, 3))).dtype == np.float64


def test_batch_normalization_at_two_places_counts_both() -> None:
    a, b, norm = kl.Input((2,)), kl.Input((2,)), kl.BatchNormalization(momentum=0.5)
    model = kexp.Model([a, b], kl.Add()([norm(a), norm(b)]))
    model.compile("sgd", "mse")
    model.fit([np.ones((4, 2)), np.full((4, 2), 3.0)], np.ones((4, 2)), verbose=0)
    np.testing.assert_allclose(norm.moving_mean, 0.5 * 0.5 + 0.5 * 3)


def test_inner_models_have_random_streams_of_their_own() -> None:
    x = kl.Input((40,))
    inner = [kexp.Sequential([kl.Input((40,)), kl.Dropout(0.5)]) for _ in range(2)]
    model = kexp.Model(x, [one(x) for one in inner], seed=1)
    first, second = model(np.ones((1, 40)), training=True)
    assert not np.array_equal(first, second)


def test_an_input_spec_is_checked_in_keras_words() -> None:
    layer = Gated()
    layer.input_spec = kl.InputSpec(ndim=3, axes={-1: 4})
    with pytest.raises(ShapeError, match="expected ndim=3, found ndim=2"):
        layer(kl.Input((3,)))
    with pytest.raises(ShapeError, match="expected axis -1 of input shape to have value 4"):
        layer(kl.Input((3, 3)))
