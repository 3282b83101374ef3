"""Models as files: kexp's own, and those of Keras."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest

import kexp
from kexp.errors import ArgumentError, DataError, MissingFileError, ShapeError, StateError, UnknownNameError
from kexp.layers import GRU, LSTM, BatchNormalization, Bidirectional, Dense, Dropout, Input, Lambda, MultiHeadAttention
from kexp.models import Model, Sequential, load_model
from kexp.saving import custom_object_scope

SAVED = Path(__file__).parent.parent / "fixtures" / "saved"


def dense() -> Sequential:
    model = Sequential([Dense(4, activation="relu", input_dim=3), Dropout(0.3), Dense(1)], seed=1)
    model.compile("adam", "mse", metrics=["mae"])
    return model


def attending() -> Model:
    x = Input((4, 3))
    shared = Dense(3, activation={"type": "leaky_relu", "negative_slope": 0.1})
    y, h, _ = LSTM(3, return_sequences=True, return_state=True)(shared(shared(x)))
    z = MultiHeadAttention(2, 2)(y, x)
    z = Bidirectional(GRU(2))(z)
    inner = Sequential([Dense(3), BatchNormalization()])
    model = Model(x, [Dense(1, name="first")(z), inner(h)], seed=2)
    model.compile(kexp.optimizers.RMSprop(0.02, centered=True, momentum=0.3), "mse", loss_weights=[1, 0.5])
    return model


def data(model: Model) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((10, *model.inputs[0].shape[1:])).astype("float32")
    ys = [rng.random((10, *out.shape[1:])).astype("float32") for out in model.outputs]
    return x, ys if len(ys) > 1 else ys[0]


def equal(a: Model, b: Model) -> bool:
    return all((u == v).all() for u, v in zip(a.get_weights(), b.get_weights(), strict=True))


@pytest.mark.parametrize("make", [dense, attending])
def test_a_loaded_model_trains_on_as_the_one_that_was_saved_to_the_last_bit(make: Any, tmp_path: Path) -> None:
    model = make()
    x, y = data(model)
    model.fit(x, y, verbose=0, epochs=2)
    model.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    before, after = (np.hstack(m.predict(x)) for m in (model, loaded))
    assert (before == after).all()
    for m in (model, loaded):
        m.fit(x, y, verbose=0, batch_size=4)
    assert equal(model, loaded)


@pytest.mark.parametrize("make", [dense, attending])
def test_h5_files_hold_the_model_and_the_optimizer(make: Any, tmp_path: Path) -> None:
    model = make()
    x, y = data(model)
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "m.h5")
    loaded = load_model(tmp_path / "m.h5")
    assert (np.hstack(model.predict(x)) == np.hstack(loaded.predict(x))).all()
    slots, found = (m.optimizer.get_state()["slots"] for m in (model, loaded))
    assert all(np.allclose(slots[name], found[name], rtol=1e-5) for name in slots)
    assert loaded.optimizer.iterations == model.optimizer.iterations


@pytest.mark.parametrize("file", ["functional.keras", "functional.h5", "recurrent.keras"])
def test_models_that_keras_saved_predict_and_train_on_as_in_keras(file: str) -> None:
    name = file.partition(".")[0]
    with np.load(SAVED / "numbers.npz") as numbers:
        xs = [numbers[key] for key in sorted(numbers.files) if key.startswith(f"{name}_x")]
        y, p, q = (numbers[f"{name}_{key}"] for key in "ypq")
    model, x = load_model(SAVED / file), xs if len(xs) > 1 else xs[0]
    np.testing.assert_allclose(model.predict(x), p, atol=1e-6)
    model.train_on_batch(x, y)
    np.testing.assert_allclose(model.predict(x), q, atol=2e-6)


def test_files_have_the_places_that_keras_gives(tmp_path: Path) -> None:
    model = load_model(SAVED / "recurrent.keras")
    model.save(tmp_path / "again.keras")

    def listed(path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        with zipfile.ZipFile(path) as archive, h5py.File(archive.open("model.weights.h5")) as file:
            file.visititems(lambda name, thing: found.update({name: thing[()]} if hasattr(thing, "shape") else {}))
        return {name: value for name, value in found.items() if not name.startswith("kexp/")}

    ours, theirs = listed(tmp_path / "again.keras"), listed(SAVED / "recurrent.keras")
    assert set(ours) == set(theirs)
    assert all(np.allclose(ours[name], theirs[name], rtol=1e-6) for name in ours)
    with zipfile.ZipFile(tmp_path / "again.keras") as archive:
        config = json.loads(archive.read("config.json"))
    assert [layer["class_name"] for layer in config["config"]["layers"]] == [
        "InputLayer", "Masking", "Bidirectional", "TimeDistributed", "RNN", "Dense",
    ]  # fmt: skip


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_pipelines_and_labels_go_with_the_model(ending: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.random(30), "b": rng.random(30), "c": rng.choice(["x", "y"], 30)})
    labels = pd.Series(np.where(table.a > 0.5, "yes", "no"))
    model = Sequential([Dense(2, activation="softmax")])
    model.pipeline = [{"type": "one_hot", "columns": ["c"]}, {"type": "standardize"}]
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(table, labels, verbose=0)
    model.save(tmp_path / f"m.{ending}")
    loaded = load_model(tmp_path / f"m.{ending}")
    assert (loaded.predict(table[["c", "b", "a"]]) == model.predict(table)).all()
    assert (loaded.predict_classes(table, labels=True) == model.predict_classes(table, labels=True)).all()
    assert loaded.evaluate(table, labels, verbose=0) == model.evaluate(table, labels, verbose=0)


@pytest.mark.parametrize("file", ["w.weights.h5", "w.h5", "w.keras"])
def test_weights_alone(file: str, tmp_path: Path) -> None:
    model, other = attending(), attending()
    model.set_weights([weight + 1 for weight in model.get_weights()])
    (model.save if file == "w.keras" else model.save_weights)(tmp_path / file)
    other.load_weights(tmp_path / file)
    assert equal(model, other)


def test_weights_of_layers_by_name(tmp_path: Path) -> None:
    model = Sequential([Dense(3, input_dim=2, name="one"), Dense(1, name="two")])
    model.save_weights(tmp_path / "w.h5")
    other = Sequential([Dense(3, input_dim=2, name="one"), Dense(5, name="new"), Dense(1, name="three")])
    last = other.get_weights()[-2]
    other.load_weights(tmp_path / "w.h5", by_name=True)
    assert (other.get_weights()[0] == model.get_weights()[0]).all()
    assert (other.get_weights()[-2] == last).all()


def test_weights_that_do_not_fit(tmp_path: Path) -> None:
    small, large = (Sequential([Dense(2, input_dim=3, name="a"), Dense(n, name="b")], name="m") for n in (1, 4))
    small.save_weights(tmp_path / "w.weights.h5")
    before = large.get_weights()
    with pytest.raises(ShapeError) as caught:
        large.load_weights(tmp_path / "w.weights.h5")
    assert str(caught.value) == (
        f"the weights of {tmp_path / 'w.weights.h5'} do not fit model 'm': layer 'b' (Dense) has weights of the "
        "shapes (2, 4), (4,). Received: (2, 1), (1,)"
    )
    assert all((a == b).all() for a, b in zip(before, large.get_weights(), strict=True))
    with pytest.warns(UserWarning, match="weights left as they were: layer 'b'"):
        large.load_weights(tmp_path / "w.weights.h5", skip_mismatch=True)
    assert (large.get_weights()[0] == small.get_weights()[0]).all()


class Scaled(kexp.Layer):
    def __init__(self, factor: float = 2.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor, self.inner = factor, [Dense(3), Dense(3)]

    def call(self, x: Any) -> Any:
        return self.inner[1](self.inner[0](x)) * self.factor


def own_loss(y_true: Any, y_pred: Any) -> Any:
    return np.abs(y_true - y_pred).mean(-1)


def test_classes_that_are_no_plugins_are_given_by_name(tmp_path: Path) -> None:
    model = Sequential([Input((2,)), Scaled(3.0), Dense(1)])
    model.compile("sgd", own_loss)
    model.save(tmp_path / "m.keras")
    with pytest.raises(UnknownNameError, match="give it by custom_objects"):
        load_model(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras", {"Scaled": Scaled, "own_loss": own_loss})
    with custom_object_scope({"Scaled": Scaled}):
        scoped = load_model(tmp_path / "m.keras", compile=False)
    x = np.ones((2, 2))
    assert (model.predict(x) == loaded.predict(x)).all()
    assert (model.predict(x) == scoped.predict(x)).all()
    assert scoped.optimizer is None


def keras_2_file(path: Path) -> dict[str, np.ndarray]:
    """A file as Keras 2.2.4 wrote it."""
    rng = np.random.default_rng(1)
    arrays = {"kernel:0": rng.random((2, 12)), "recurrent_kernel:0": rng.random((3, 12)), "bias:0": rng.random(12)}
    head = {"kernel:0": rng.random((3, 1)), "bias:0": rng.random(1)}
    lstm = {"name": "lstm_1", "batch_input_shape": [None, 4, 2], "dtype": "float32", "units": 3, "implementation": 1}
    lstm |= {"activation": "tanh", "recurrent_activation": "hard_sigmoid", "unit_forget_bias": True}
    scaling = {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "normal"}}
    last = {"name": "dense_1", "units": 1, "activation": "sigmoid", "kernel_initializer": scaling}
    layers = [{"class_name": "LSTM", "config": lstm}, {"class_name": "Dense", "config": last}]
    config = {"class_name": "Sequential", "config": {"name": "sequential_1", "layers": layers}}
    rate = {"class_name": "SGD", "config": {"lr": 0.25, "momentum": 0.0, "decay": 0.0, "nesterov": False}}
    training = {"optimizer_config": rate, "loss": "binary_crossentropy", "metrics": ["accuracy"], "loss_weights": None}
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"2.2.4"
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["training_config"] = json.dumps(training | {"sample_weight_mode": None}).encode()
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"lstm_1", b"dense_1"]
        for name, values in (("lstm_1", arrays), ("dense_1", head)):
            group = weights.create_group(name)
            group.attrs["weight_names"] = [f"{name}/{key}".encode() for key in values]
            for key, value in values.items():
                group[f"{name}/{key}"] = value.astype("float32")
    return arrays | {"head": head["kernel:0"], "last": head["bias:0"]}


def test_a_file_of_keras_2_means_what_it_meant_there(tmp_path: Path) -> None:
    w = keras_2_file(tmp_path / "old.h5")
    model = load_model(tmp_path / "old.h5")
    x = np.random.default_rng(2).standard_normal((5, 4, 2))
    h = c = np.zeros((5, 3))
    for t in range(4):
        i, f, g, o = np.split(x[:, t] @ w["kernel:0"] + h @ w["recurrent_kernel:0"] + w["bias:0"], 4, axis=1)
        i, f, o = (np.clip(0.2 * gate + 0.5, 0, 1) for gate in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
    expected = 1 / (1 + np.exp(-(h @ w["head"] + w["last"])))
    np.testing.assert_allclose(model.predict(x), expected, atol=1e-6)
    assert model.optimizer.learning_rate == 0.25


def lambda_file(path: Path) -> None:
    code = {"class_name": "__lambda__", "config": {"code": "4wEA", "defaults": None, "closure": None}}
    layers = [{"class_name": "Lambda", "config": {"name": "doubled", "function": code}}]
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": layers}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        archive.writestr("config.json", json.dumps(config))


def test_code_in_a_file_is_refused(tmp_path: Path) -> None:
    lambda_file(tmp_path / "m.keras")
    with pytest.raises(ArgumentError, match="layer 'doubled' is a Lambda whose code lies in the file"):
        load_model(tmp_path / "m.keras", safe_mode=False)


@pytest.mark.parametrize(
    "damage, text",
    [
        (lambda whole: whole[: len(whole) // 2], "is neither a .keras nor an .h5 file, or it is damaged"),
        (lambda whole: b"", "is neither a .keras nor an .h5 file, or it is damaged"),
        (lambda whole: whole.replace(b'"Sequential"', b'"Seqvential"'), "is damaged: config.json: Bad CRC-32"),
        (lambda whole: whole.replace(b'"streams"', b'"strexms"'), "is damaged: kexp.json: Bad CRC-32"),
        (lambda whole: whole.replace(b"\x89HDF", b"\x88HDF"), "is damaged: model.weights.h5: Bad CRC-32"),
    ],
)
def test_damaged_files_are_told(damage: Callable[[bytes], bytes], text: str, tmp_path: Path) -> None:
    model = dense()
    model.save(tmp_path / "m.keras")
    path = tmp_path / "damaged.keras"
    path.write_bytes(damage((tmp_path / "m.keras").read_bytes()))
    with pytest.raises(DataError) as caught:
        load_model(path)
    assert str(caught.value).startswith(f"{path} {text}")


def test_newer_formats_are_told(tmp_path: Path) -> None:
    for name, text in (("metadata.json", '{"keras_version": "4.0.0"}'), ("kexp.json", '{"format": 9}')):
        with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
            archive.writestr("metadata.json", '{"keras_version": "3.15.1"}' if name == "kexp.json" else text)
            archive.writestr("config.json", "{}")
            if name == "kexp.json":
                archive.writestr(name, text)
        with pytest.raises(DataError, match="Keras 4.0.0" if name == "metadata.json" else "a newer format than kexp"):
            load_model(tmp_path / "m.keras")


def test_what_cannot_be_saved_is_named_and_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    dense().save(path)
    before = path.read_bytes()
    model = Sequential([Input((2,)), Lambda(lambda x: 2 * x, name="twice"), Dense(1)])
    with pytest.raises(ArgumentError, match=r"layer 'twice' \(Lambda\) cannot be saved"):
        model.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["m.keras"]


def test_names_and_states_that_do_not_fit(tmp_path: Path) -> None:
    model = dense()
    with pytest.raises(MissingFileError, match="there is no file"):
        load_model(tmp_path / "none.keras")
    with pytest.raises(ArgumentError, match=r"ends in \.keras"):
        model.save(tmp_path / "model.pt")
    model.save(tmp_path / "m.keras")
    with pytest.raises(ArgumentError, match="exists already; give overwrite=True"):
        model.save(tmp_path / "m.keras", overwrite=False)
    with pytest.raises(StateError, match="has no weights to save yet"):
        Sequential([Dense(1)]).save_weights(tmp_path / "w.weights.h5")


def test_an_unbuilt_model_is_saved_without_weights(tmp_path: Path) -> None:
    Sequential([Dense(2)]).save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    assert not loaded.built
    assert loaded.predict(np.ones((1, 3))).shape == (1, 2)
