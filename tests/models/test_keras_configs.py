"""Models and layers made from what Keras 3 writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp.errors import ArgumentError
from kexp.layers import Dense, Embedding, LayerNormalization, RandomShear
from kexp.models import Model, model_from_config, model_from_json

FIXTURE = np.load(Path(__file__).parents[1] / "fixtures" / "model_configs.npz")
NAMES = ("states", "masks", "attention", "nested", "pictures")
POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float64"}, "registered_name": None}


def stored(name: str, kind: str) -> list[Any]:
    keys = [key for key in FIXTURE.files if key.startswith(f"{name}.{kind}") and not key.endswith("json")]
    return [FIXTURE[f"{name}.{kind}{i}"] for i in range(len(keys))]


def tuples(value: Any) -> Any:
    """As `get_config` of Keras gives it, where JSON has lists."""
    if isinstance(value, dict):
        return {key: tuples(one) for key, one in value.items()}
    return tuple(tuples(one) for one in value) if isinstance(value, list) else value


def predicted(model: Model, name: str) -> list[Any]:
    model.set_weights(stored(name, "w"))
    xs = stored(name, "x")
    found = model.predict({"rows": xs[0]} if name == "attention" else xs if len(xs) > 1 else xs[0], verbose=0)
    return [found["y"], found["s"]] if isinstance(found, dict) else found if isinstance(found, list) else [found]


@pytest.mark.parametrize("name", NAMES)
def test_models_from_keras_json_predict_what_they_predicted_there(name: str) -> None:
    model = model_from_json(str(FIXTURE[f"{name}.json"]))
    again = model_from_json(model.to_json())
    for made in (model, again):
        for ours, keras in zip(predicted(made, name), stored(name, "y"), strict=True):
            np.testing.assert_allclose(ours, keras, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_configs_with_tuples_are_read_as_those_with_lists(name: str) -> None:
    config = json.loads(str(FIXTURE[f"{name}.json"]))
    given = config | {"config": config["config"] | {"layers": [tuples(one) for one in config["config"]["layers"]]}}
    assert model_from_config(given).get_config() == model_from_config(config).get_config()


def test_layers_keep_the_names_that_keras_gave_them() -> None:
    model = model_from_json(str(FIXTURE["masks.json"]))
    assert [layer.name for layer in model.layers] == ["embedding", "dense", "masking", "concatenate", "bidirectional"]


def test_functions_among_the_layers_are_refused() -> None:
    def tensor(name: str) -> dict[str, Any]:
        return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}}

    layers = [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, 3]}},
        {
            "module": "keras.src.ops.numpy",
            "class_name": "Add",
            "config": {"name": "add"},
            "name": "add",
            "inbound_nodes": [{"args": [tensor("x"), 1.0], "kwargs": {}}],
        },
        {
            "class_name": "Dense",
            "config": {"name": "d", "units": 2},
            "inbound_nodes": [{"args": [tensor("add")], "kwargs": {}}],
        },
    ]
    config = {"name": "m", "layers": layers, "input_layers": ["x", 0, 0], "output_layers": ["d", 0, 0]}
    with pytest.raises(ArgumentError) as caught:
        model_from_config({"class_name": "Functional", "config": config})
    assert str(caught.value) == (
        "a model can be read from Keras' config if it is made of layers: a Dense takes what the function 'add' of "
        "keras.ops gives; put that into a layer of its own"
    )


def test_layers_are_made_from_configs_of_keras() -> None:
    dense = Dense.from_config({"name": "d", "dtype": POLICY, "units": 2, "quantization_config": None})
    assert (dense.name, dense.dtype, dense.units) == ("d", "float64", 2)
    assert Embedding.from_config({"input_dim": 3, "output_dim": 2, "quantization_config": None}).output_dim == 2
    assert LayerNormalization.from_config({"axis": [-1], "rms_scaling": False, "autocast": True}).epsilon == 0.001
    RandomShear.from_config({"x_factor": [-0.1, 0.1], "y_factor": [0.0, 0.0]})


def test_what_would_change_the_numbers_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"^LayerNormalization takes no argument 'rms_scaling'\. It takes: axis, "):
        LayerNormalization.from_config({"rms_scaling": True})


def test_an_unknown_argument_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(ArgumentError, match=r"^Dense takes no argument 'activaton'\. Did you mean 'activation'\? It "):
        Dense(3, activaton="relu")  # type: ignore[call-arg]
