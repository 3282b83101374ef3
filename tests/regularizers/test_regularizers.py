"""Regularizers: Keras' penalties and derivatives, the device, names and configs."""

from __future__ import annotations

import inspect
import json
import typing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp import plugins, regularizers
from kexp.autodiff import vjp
from kexp.core.component import resolve
from kexp.core.regularizer import Regularizer
from kexp.errors import ArgumentError
from kexp.testing.device import FakeDeviceArray

KERAS = np.load(Path(__file__).parents[1] / "fixtures" / "weight_rules.npz")
CASES: list[tuple[str, dict[str, Any]]] = json.loads(str(KERAS["regularizers"]))
IDS = [f"{name}{config or ''}" for name, config in CASES]
REGISTRY = plugins.current()["regularizer"]
NAMES = ["l1", "l1_l2", "l2"]


def made(name: str, config: dict[str, Any]) -> Regularizer:
    regularizer: Regularizer = resolve("regularizer", {"type": name, **config})
    return regularizer


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_penalty_and_gradient_are_those_of_keras(number: int) -> None:
    w = KERAS["w"]
    regularizer = made(*CASES[number])
    penalty, gradient = regularizer(w), regularizer.gradient(w)
    np.testing.assert_allclose(penalty, KERAS[f"regularizer {number}"], rtol=1e-6)
    compared = w != 0  # at 0 the libraries below Keras differ about |w|: JAX has 1, TensorFlow and PyTorch 0
    np.testing.assert_allclose(gradient[compared], KERAS[f"regularizer {number} gradient"][compared], rtol=1e-6)
    assert not gradient[~compared].any()
    assert np.shape(penalty) == ()
    assert penalty.dtype == gradient.dtype == np.float32


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_gradient_is_the_derivative_of_the_penalty(number: int) -> None:
    w = np.random.default_rng(0).normal(size=(3, 4))
    regularizer, kept = made(*CASES[number]), w.copy()
    _, pullback = vjp(regularizer.call, w)
    np.testing.assert_allclose(regularizer.gradient(w), pullback(1.0)[0], rtol=1e-14, atol=1e-16)
    for place in np.ndindex(w.shape):
        shift = np.zeros_like(w)
        shift[place] = 1e-5
        slope = (regularizer(w + shift) - regularizer(w - shift)) / 2e-5
        assert regularizer.gradient(w)[place] == pytest.approx(slope, rel=1e-6, abs=1e-9)
    np.testing.assert_array_equal(w, kept)


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_device_arrays_stay_on_the_device(number: int) -> None:
    w, regularizer = KERAS["w"], made(*CASES[number])
    penalty, gradient = regularizer(FakeDeviceArray(w)), regularizer.gradient(FakeDeviceArray(w))
    np.testing.assert_array_equal(penalty.get(), regularizer(w))
    np.testing.assert_array_equal(gradient.get(), regularizer.gradient(w))


@pytest.mark.parametrize("name", NAMES)
def test_face_has_the_class_and_the_lower_case_name(name: str) -> None:
    maker = REGISTRY.get(name)
    assert getattr(regularizers, name) is getattr(regularizers, maker.__name__) is maker
    assert type(regularizers.get(name)) is maker


def test_face_lists_what_is_registered() -> None:
    assert sorted(REGISTRY) == NAMES
    assert set(regularizers.__all__) == {*NAMES, "L1", "L2", "L1L2", "Regularizer", "WeightRegularizer", "get"}
    assert regularizers.get(None) is None


def test_short_names_take_the_factor_as_keras_does() -> None:
    assert regularizers.l1(0.2).get_config() == {"l1": 0.2}
    assert regularizers.l2(0.2).get_config() == {"l2": 0.2}
    assert regularizers.l1_l2(0.1, 0.2).get_config() == {"l1": 0.1, "l2": 0.2}


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("l1", "(l1: 'float' = 0.01) -> 'None'"),
        ("l2", "(l2: 'float' = 0.01) -> 'None'"),
        ("l1_l2", "(l1: 'float' = 0.0, l2: 'float' = 0.0) -> 'None'"),
    ],
)
def test_constructor_has_keras_arguments_and_defaults(name: str, signature: str) -> None:
    maker = REGISTRY.get(name)
    assert str(inspect.signature(maker)) == signature
    assert all(kind is float for key, kind in typing.get_type_hints(maker.__init__).items() if key != "return")


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_config_makes_the_same_regularizer_again(number: int) -> None:
    regularizer = made(*CASES[number])
    twin = type(regularizer).from_config(regularizer.get_config())
    assert twin(KERAS["w"]) == regularizer(KERAS["w"])


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("l1", {"l1": -1}, "l1 must be a finite number of at least 0. Received: -1"),
        ("l2", {"l2": "a"}, "l2 must be a finite number of at least 0. Received: 'a'"),
        ("l1_l2", {"l1": True}, "l1 must be a finite number of at least 0. Received: True"),
        ("l1_l2", {"l2": float("nan")}, "l2 must be a finite number of at least 0. Received: nan"),
    ],
)
def test_wrong_argument_is_named(name: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        made(name, config)
    assert str(error.value) == message
