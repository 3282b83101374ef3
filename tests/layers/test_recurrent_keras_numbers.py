"""Recurrent layers and masks give Keras' numbers: outputs, gradients, trained models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp.backend import settings
from kexp.core.component import resolve
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.models import Sequential
from kexp.optimizers import SGD

FILE = np.load(Path(__file__).parents[1] / "fixtures" / "recurrent.npz")
CASES: list[dict[str, Any]] = json.loads(str(FILE["cases"]))
TOLERANCE = {"float32": 1e-5, "float64": 1e-8}
FOUND = [(place, dtype) for place in range(len(CASES)) for dtype in TOLERANCE if f"{place} {dtype} x0" in FILE]
LSTM, GRU = {"type": "lstm", "units": 3}, {"type": "gru", "units": 3}
DENSE = {"type": "dense", "units": 4, "activation": "softmax"}
EMBEDDING = {"type": "embedding", "input_dim": 6, "output_dim": 3, "mask_zero": True}
SEQUENCES = {"return_sequences": True}
MODELS: dict[str, list[dict[str, Any]]] = {
    "tagger": [EMBEDDING, LSTM | SEQUENCES, {"type": "time_distributed", "layer": DENSE}],
    "bidirectional": [EMBEDDING, {"type": "bidirectional", "layer": GRU | SEQUENCES}, DENSE],
    "masking": [{"type": "masking"}, GRU | SEQUENCES, DENSE],
    "last": [EMBEDDING, LSTM, DENSE],
    "mask ends": [EMBEDDING, LSTM | SEQUENCES, {"type": "flatten"}, DENSE],
    "stack": [EMBEDDING, LSTM | SEQUENCES, LSTM | {"go_backwards": True}, DENSE],
}


@pytest.fixture
def floats() -> Any:
    before = settings.floatx()
    yield settings.set_floatx
    settings.set_floatx(before)


def made(spec: Any) -> Any:
    if isinstance(spec, dict) and isinstance(spec.get("cell"), list):
        spec = spec | {"cell": [resolve("layer", cell) for cell in spec["cell"]]}
    return resolve("layer", spec)


def all_of(prefix: str, name: str) -> list[np.ndarray]:
    count = sum(key.startswith(f"{prefix} {name}") and key[len(prefix) + len(name) + 1 :].isdigit() for key in FILE)
    return [FILE[f"{prefix} {name}{i}"] for i in range(count)]


@pytest.mark.parametrize(("place", "dtype"), FOUND, ids=[f"{p}-{CASES[p]['spec']['type']}-{d}" for p, d in FOUND])
def test_a_layer_gives_keras_outputs_and_gradients(place: int, dtype: str, floats: Any) -> None:
    floats(dtype)
    prefix = f"{place} {dtype}"
    layer: Layer = made(CASES[place]["spec"])
    inputs = all_of(prefix, "x")
    shapes = [(None, *x.shape[1:]) for x in inputs]
    layer.ensure_built(shapes if len(shapes) > 1 else shapes[0])
    layer.set_weights(all_of(prefix, "w"))
    ctx = Context()
    if CASES[place]["mask"]:
        ctx.masks = (FILE[f"{prefix} mask"], *[None] * (len(inputs) - 1))
    y, pullback = layer.forward(*inputs, ctx=ctx)
    dys = all_of(prefix, "dy")
    dx, gradients = pullback(dys if isinstance(y, list) else dys[0])
    given = [gradients[name] for name in layer.named_weights()]
    for name, got in (("y", y if isinstance(y, list) else [y]), ("dx", dx), ("dw", given)):
        for i, (a, b) in enumerate(zip(got, all_of(prefix, name), strict=True)):
            np.testing.assert_allclose(a, b, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype], err_msg=f"{name}{i}")


@pytest.mark.parametrize("name", MODELS)
def test_a_model_with_masks_trains_as_keras_does(name: str, floats: Any) -> None:
    floats("float64")
    rng = np.random.default_rng(5)
    x: Any = rng.integers(0, 6, (10, 5))
    x[:, 0] = np.maximum(x[:, 0], 1)
    if name == "masking":
        x = rng.standard_normal((10, 5, 3)) * (x > 1)[..., None]
    y = rng.integers(0, 4, (10, 5) if name in ("tagger", "bidirectional", "masking") else (10,))
    model = Sequential([made(spec) for spec in MODELS[name]])
    model.build((None, *x.shape[1:]))
    count = len(model.weights)
    model.set_weights([FILE[f"{name} before {i}"] for i in range(count)])
    loss = {"type": "sparse_categorical_crossentropy"}
    model.compile(optimizer=SGD(0.5), loss=loss, metrics=["accuracy"])
    history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0).history
    for i in range(count):
        np.testing.assert_allclose(model.get_weights()[i], FILE[f"{name} after {i}"], rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(history["loss"], FILE[f"{name} loss"], rtol=1e-6)
    if name in ("last", "mask ends", "stack"):  # in fit on JAX, Keras loses the masks that metrics see in evaluate
        np.testing.assert_allclose(history["accuracy"], FILE[f"{name} accuracy"], rtol=1e-6)
    np.testing.assert_allclose(model.evaluate(x, y, batch_size=4, verbose=0), FILE[f"{name} test"], rtol=1e-6)
