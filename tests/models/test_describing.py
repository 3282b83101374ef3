"""Models as plain values and back: get_config, JSON of ours and of Keras', clones, summary, pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kexp.errors import ArgumentError
from kexp.layers import LSTM, Concatenate, Conv2D, Dense, Dropout, Embedding, Flatten, Input, Lambda, MaxPooling2D
from kexp.models import Model, Sequential, clone_model, model_from_config, model_from_json
from kexp.utils import plot_model


def stack() -> Sequential:
    return Sequential([Dense(3, activation="relu", input_shape=(2,)), Dropout(0.2), Dense(1)], name="stack")


def branched() -> Model:
    a, b = Input((4,), name="a"), Input((4,), name="b")
    x = Input((4,), name="x")
    inner = Model(x, Dense(4)(x), name="inner")
    shared = Dense(3, name="shared", kernel_regularizer="l2")
    joined = Concatenate(name="join")([shared(inner(a)), shared(b)])
    return Model([a, b], {"one": Dense(1, name="end")(joined), "two": joined}, name="branched")


@pytest.mark.parametrize("make", [stack, branched])
def test_a_model_made_from_its_config_predicts_the_same_with_the_same_weights(make: object) -> None:
    model = make()  # type: ignore[operator]
    again = type(model).from_config(json.loads(json.dumps(model.get_config())))
    assert again.get_config() == model.get_config()
    again.set_weights(model.get_weights())
    rows = np.random.default_rng(0).standard_normal((5, 2 if len(model.inputs) == 1 else 4))
    x = [rows] * len(model.inputs)
    first, second = model.predict(x), again.predict(x)
    pairs = zip(first.values(), second.values(), strict=True) if isinstance(first, dict) else [(first, second)]
    assert all(np.array_equal(p, q) for p, q in pairs)


def test_json_goes_there_and_back() -> None:
    assert model_from_json(branched().to_json()).get_config() == branched().get_config()
    with pytest.raises(ArgumentError, match="the text is no JSON"):
        model_from_json("{")


def test_a_clone_has_weights_of_its_own() -> None:
    model = stack()
    clone = clone_model(model)
    assert clone.get_config() == model.get_config()
    assert not np.array_equal(clone.get_weights()[0], model.get_weights()[0])


def test_a_clone_may_change_layers() -> None:
    def linear(layer: object) -> object:
        return type(layer).from_config(layer.get_config() | ({"activation": None} if isinstance(layer, Dense) else {}))  # type: ignore[attr-defined]

    assert clone_model(stack(), clone_function=linear).layers[0].activation is None


def test_keras_2_and_3_write_connections_differently_and_both_are_read() -> None:
    layers = [
        {"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [None, 3], "dtype": "float32"}},
        {"class_name": "Dense", "config": {"name": "d", "units": 2}, "inbound_nodes": [[["in", 0, 0, {}]]]},
    ]
    old = {"name": "m", "layers": layers, "input_layers": [["in", 0, 0]], "output_layers": [["d", 0, 0]]}
    model = model_from_config({"class_name": "Functional", "config": old})
    assert (model.name, model.input_names, model.count_params()) == ("m", ["in"], 8)


def test_a_config_of_another_class_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        Sequential.from_config(branched().get_config())
    assert str(caught.value) == "the config is that of a Model, not of a Sequential"


def test_own_layers_are_found_in_custom_objects() -> None:
    class Mine(Dense):
        pass

    model = Sequential([Mine(3, input_shape=(2,))])
    again = model_from_json(model.to_json(), custom_objects={"mine": Mine})
    assert isinstance(again.layers[0], Mine)


def test_summary_counts_operations() -> None:
    lines: list[str] = []
    stack().summary(print_fn=lines.append, show_flops=True)
    assert "dense_1 (Dense)      (None, 3)           9     12" in lines[0]
    assert lines[0].endswith("FLOPs of one sample: 18")
    model = Sequential([Dense(3, input_shape=(2,)), Lambda(lambda x: x)])
    model.summary(print_fn=lines.append, show_flops=True)
    assert lines[1].endswith("FLOPs of one sample: 12 (without 1 layer that cannot tell)")


def test_summary_of_a_range_of_layers() -> None:
    lines: list[str] = []
    stack().summary(print_fn=lines.append, layer_range=["dropout_1", "dense_2"])
    assert "dense_1" not in lines[0]
    assert "dropout_1" in lines[0]


@pytest.mark.parametrize("options", [{}, {"expand_nested": True, "show_shapes": True, "rankdir": "LR"}])
@pytest.mark.parametrize("ending, start", [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_pictures_of_models(tmp_path: Path, ending: str, start: bytes, options: dict[str, object]) -> None:
    path = plot_model(branched(), tmp_path / f"model.{ending}", dpi=50, **options)  # type: ignore[arg-type]
    assert path.read_bytes().startswith(start)


def test_a_picture_has_a_box_for_each_use_of_a_layer(tmp_path: Path) -> None:
    text = plot_model(branched(), tmp_path / "model.svg", show_layer_names=True).read_text()
    assert text.count("<!-- shared (Dense) -->") == 2
    assert text.count("<!-- inner (Model) -->") == 1
    with pytest.raises(ArgumentError, match=r"to_file must end in \.png, \.svg, \.pdf\. Received: 'model\.bmp'"):
        plot_model(branched(), "model.bmp")


def sequence_of(*units: int, width: int) -> Sequential:
    model = Sequential([Input((width,))])
    for n in units:
        model.add(Dense(n))
    return model


@pytest.mark.parametrize(
    "model, count",
    [
        (lambda: sequence_of(20, 1, width=10), 241),
        (lambda: sequence_of(6, 6, 1, width=11), 121),
        (lambda: sequence_of(12, 8, 3, width=8), 239),
        (lambda: sequence_of(256, 64, 10, width=784), 218_058),
        (lambda: sequence_of(64, 7, width=52), 3847),
        (lambda: sequence_of(64, 32, 7, width=54), 5831),
        (lambda: sequence_of(512, 10, width=784), 407_050),
    ],
)  # fmt: skip
def test_parameters_of_the_tutorials_dense_nets(model: object, count: int) -> None:
    assert model().count_params() == count  # type: ignore[operator]


def test_parameters_of_the_tutorials_image_net() -> None:
    model = Sequential(
        [
            Conv2D(32, (3, 3), padding="same", activation="relu", input_shape=(28, 28, 3)),
            Conv2D(32, (3, 3), activation="relu"),
            MaxPooling2D((2, 2)),
            Dropout(0.25),
            Conv2D(64, (3, 3), padding="same", activation="relu"),
            Conv2D(64, (3, 3), activation="relu"),
            MaxPooling2D((2, 2)),
            Dropout(0.25),
            Flatten(),
            Dense(512, activation="relu"),
            Dropout(0.5),
            Dense(10, activation="softmax"),
        ]
    )
    assert [model.layers[i].output_shape[1] for i in (0, 1, 2, 4, 5, 6)] == [28, 26, 13, 13, 11, 5]
    assert model.layers[8].output_shape == (None, 1600)
    assert model.count_params() == 890_410


def test_parameters_of_the_tutorials_text_net() -> None:
    net = [Embedding(10000, 100), LSTM(128, dropout=0.2, recurrent_dropout=0.2), Dense(1, activation="sigmoid")]
    model = Sequential(net)
    model.build((None, 80))
    assert model.count_params() == 1_117_377
