"""Functional models in configs: connections, frozen layers, shapes."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from kexp.config import build, validate
from kexp.models import Sequential

CONFIG: dict[str, Any] = {
    "seed": 1,
    "model": {
        "type": "functional",
        "inputs": {"a": {"shape": [4]}, "b": [3]},
        "layers": {
            "h": {"type": "dense", "units": 5, "inputs": ["a"]},
            "g": {"type": "dense", "units": 5, "inputs": "b"},
            "end": {"type": "dense", "units": 1},
            "other": {"type": "concatenate", "inputs": ["h", "g"]},
        },
        "outputs": ["end", "other"],
        "freeze": ["h*"],
    },
    "dataset": "xor",
    "loss": "mse",
    "tracking": "none",
}


def changed(change: Any) -> dict[str, Any]:
    config = copy.deepcopy(CONFIG)
    change(config["model"])
    return config


def test_layers_take_what_they_name_or_what_stands_before() -> None:
    model = build(CONFIG).model
    assert (model.input_names, model.output_names) == (["a", "b"], ["end", "other"])
    assert model.get_layer("end").input is model.get_layer("g").output
    assert model.output_shape == [(None, 1), (None, 10)]


def test_frozen_layers_are_named_by_patterns() -> None:
    model = build(CONFIG).model
    assert [layer.name for layer in model.layers if not layer.trainable] == ["h"]


def test_a_data_set_of_named_inputs_feeds_them_by_name() -> None:
    model = build(CONFIG).model
    model.compile("sgd", "mse")
    x = {"b": np.ones((6, 3)), "a": np.ones((6, 4))}
    before = model.get_layer("h").get_weights()[0]
    model.fit(x, [np.zeros((6, 1)), np.zeros((6, 10))], verbose=0)
    assert np.array_equal(model.get_layer("h").get_weights()[0], before)


def test_one_use_after_another_of_a_shared_layer() -> None:
    layers = {
        "same": {"type": "dense", "units": 2, "inputs": [["a"], ["same"]]},
        "end": {"type": "dense", "units": 1, "inputs": ["same/1"]},
    }
    model = build(changed(lambda m: m.update(inputs={"a": [2]}, layers=layers, outputs=["end"], freeze=[]))).model
    assert [node.layer.name for node in model.graph.nodes] == ["same", "same", "end"]


def test_a_functional_model_of_a_stack_starts_as_the_sequential_one() -> None:
    layers = {"h": {"type": "dense", "units": 5, "input_shape": [4]}, "o": {"type": "dense", "units": 1}}
    stacked = build(changed(lambda m: (m.clear(), m.update(type="sequential", layers=layers)))).model
    one = build(changed(lambda m: m.update(inputs={"x": [4]}, layers=layers, outputs=["o"], freeze=[]))).model
    assert isinstance(stacked, Sequential)
    assert all(np.array_equal(p, q) for p, q in zip(stacked.get_weights(), one.get_weights(), strict=True))


@pytest.mark.parametrize(
    "change, problems",
    [
        (lambda m: m["layers"]["h"].update(inputs=["end"]) or m["layers"]["end"].update(inputs=["h"]),
         ["model.layers.end.inputs: the layers go in a circle: end -> h -> end"]),
        (lambda m: m["layers"]["h"].update(inputs=["aa"]),
         ["model.layers.h.inputs[0]: no layer or input is called 'aa'. Did you mean 'a'?\nKnown: a, b, h, g, end, other"]),
        (lambda m: m["layers"]["h"].pop("inputs"),
         ["model.layers.h: the model has 2 inputs, so its first layer must name those it takes: inputs: [a]"]),
        (lambda m: m["layers"].update(a={"type": "dense", "units": 3, "inputs": ["b"]}),
         ["model.layers.a: an input of the model is called 'a' too; names must differ"]),
        (lambda m: m["layers"].update(end={"type": "reshape", "target_shape": [7]}),
         ["model.layers.end: layer 'end' (Reshape): samples of shape (5,) hold 5 values and cannot become (7,)"]),
        (lambda m: m.update(outputs=["end"]),
         ["model.layers.h: layer 'h' leads to no output; name it in `outputs`, or take it out",
          "model.layers.other: layer 'other' leads to no output; name it in `outputs`, or take it out",
          "model.inputs.a: no output depends on the input 'a'"]),
        (lambda m: m.update(outputs=["end", "othre"]),
         ["model.outputs[1]: no layer or input is called 'othre'. Did you mean 'other'?\nKnown: a, b, h, g, end, other"]),
        (lambda m: m.update(freeze=["hh"]), ["model.freeze[0]: no layer is called 'hh'. Did you mean 'h'?\nLayers: h, g, end, other"]),
        (lambda m: m["inputs"].update(a={"shape": [4], "dtpye": "int32"}),
         ["model.inputs.a.dtpye: unknown key; did you mean 'dtype'?\nKnown: shape, dtype, batch_shape, batch_size"]),
        (lambda m: m["inputs"].update(b={"shape": ["x"]}),
         ["model.inputs.b: the sizes of a shape must be positive ints or None. Received: ('x',)"]),
        (lambda m: m.pop("inputs"),
         ["model.inputs: a functional model needs its inputs, such as `inputs: {image: {shape: [28, 28, 1]}}`"]),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_keys(change: Any, problems: list[str]) -> None:
    assert [str(problem) for problem in validate(changed(change))][: len(problems)] == problems


def test_checking_leaves_the_layers_as_they_are() -> None:
    assert validate(CONFIG) == []
    assert build(CONFIG).model.count_params() == 25 + 20 + 6


def test_a_stack_whose_shapes_do_not_fit_is_told_before_any_data() -> None:
    layers = {"h": {"type": "dense", "units": 5, "input_shape": [4]}, "r": {"type": "reshape", "target_shape": [7]}}
    config = changed(lambda m: (m.clear(), m.update(type="sequential", layers=layers)))
    assert [str(problem) for problem in validate(config)] == [
        "model.layers.r: layer 'r' (Reshape): samples of shape (5,) hold 5 values and cannot become (7,)"
    ]


def test_each_output_may_have_a_loss_and_a_weight_of_its_own() -> None:
    config = {**CONFIG, "loss": {"end": "mse", "other": {"type": "mae"}}, "loss_weights": {"end": 1.0, "other": 0.5}}
    experiment = build(config)
    assert experiment.loss_weights == {"end": 1.0, "other": 0.5}
    model = experiment.model
    model.compile(experiment.optimizer, experiment.loss, experiment.loss_weights)
    x = [np.ones((6, 4)), np.ones((6, 3))]
    logs = model.train_on_batch(x, [np.zeros((6, 1)), np.zeros((6, 10))], return_dict=True)
    assert logs["loss"] == pytest.approx(logs["end_loss"] + 0.5 * logs["other_loss"])
    assert [str(problem) for problem in validate({**CONFIG, "loss": {"ned": "mse"}})] == [
        "loss.ned: the model has no output 'ned'. Did you mean 'end'?\nOutputs: end, other"
    ]
