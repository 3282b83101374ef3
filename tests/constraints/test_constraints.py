"""Constraints: Keras' projections, the device, epsilon, names and configs."""

from __future__ import annotations

import json
import typing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp import constraints, plugins
from kexp.backend import settings
from kexp.core.component import parameters, resolve
from kexp.core.constraint import Constraint
from kexp.errors import ArgumentError
from kexp.testing.device import FakeDeviceArray

KERAS = np.load(Path(__file__).parents[1] / "fixtures" / "weight_rules.npz")
CASES: list[tuple[str, dict[str, Any]]] = json.loads(str(KERAS["constraints"]))
IDS = [f"{name}{config or ''}" for name, config in CASES]
REGISTRY = plugins.current()["constraint"]
NAMES = ["max_norm", "min_max_norm", "non_neg", "unit_norm"]


def made(name: str, config: dict[str, Any]) -> Constraint:
    constraint: Constraint = resolve("constraint", {"type": name, **config})
    return constraint


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_projection_is_that_of_keras(number: int) -> None:
    w = KERAS["w"]
    kept = w.copy()
    projected = made(*CASES[number])(w)
    np.testing.assert_allclose(projected, KERAS[f"constraint {number}"], rtol=1e-6, atol=1e-9)
    assert projected.dtype == np.float32
    np.testing.assert_array_equal(w, kept)


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_device_arrays_stay_on_the_device(number: int) -> None:
    w, constraint = KERAS["w"], made(*CASES[number])
    projected = constraint(FakeDeviceArray(w))
    assert isinstance(projected, FakeDeviceArray)
    np.testing.assert_array_equal(projected.get(), constraint(w))


def test_norms_are_taken_along_the_axis_and_only_long_ones_are_cut() -> None:
    w = np.array([[3.0, 0.1], [4.0, 0.2]])
    projected = made("max_norm", {"max_value": 2})(w)
    np.testing.assert_allclose(projected, [[1.2, 0.1], [1.6, 0.2]], rtol=1e-5)
    rows = made("max_norm", {"max_value": 2, "axis": 1})(w)
    np.testing.assert_allclose(np.sqrt((rows**2).sum(1)), [2, 2], rtol=1e-5)


def test_rate_goes_a_part_of_the_way() -> None:
    w = np.array([[8.0], [0.0]])
    projected = made("min_max_norm", {"min_value": 1.0, "max_value": 4.0, "rate": 0.25})(w)
    np.testing.assert_allclose(projected, [[7.0], [0.0]], rtol=1e-6)


def test_epsilon_is_read_when_a_constraint_is_made() -> None:
    settings.set_epsilon(0.5)
    try:
        wide = [made("unit_norm", {}), made("max_norm", {"max_value": 1})]
    finally:
        settings.set_epsilon(1e-7)
    for constraint in wide:
        np.testing.assert_allclose(constraint(np.array([1.0])), [1 / 1.5])
    np.testing.assert_allclose(made("unit_norm", {})(np.array([1.0])), [1.0], rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_face_has_the_class_and_the_lower_case_name(name: str) -> None:
    maker = REGISTRY.get(name)
    assert getattr(constraints, name) is getattr(constraints, maker.__name__) is maker
    assert type(constraints.get(maker.__name__)) is type(constraints.get(name)) is maker


def test_face_lists_what_is_registered() -> None:
    assert sorted(REGISTRY) == NAMES
    classes = {REGISTRY.get(name).__name__ for name in NAMES}
    assert set(constraints.__all__) == {*NAMES, *classes, "Constraint", "get"}
    assert constraints.get(None) is None


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("max_norm", {"max_value": 2, "axis": 0}),
        ("min_max_norm", {"min_value": 0.0, "max_value": 1.0, "rate": 1.0, "axis": 0}),
        ("unit_norm", {"axis": 0}),
        ("non_neg", {}),
    ],
)
def test_constructor_has_keras_arguments_and_defaults(name: str, signature: dict[str, Any]) -> None:
    maker = REGISTRY.get(name)
    assert list(parameters(maker)) == list(signature)
    assert made(name, {}).get_config() == signature
    if signature:
        hints = typing.get_type_hints(maker.__init__)
        assert hints["axis"] == int | list[int] | tuple[int, ...] | None
        assert {hints[key] for key in signature if key != "axis"} <= {float}


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_config_makes_the_same_constraint_again(number: int) -> None:
    constraint = made(*CASES[number])
    twin = type(constraint).from_config(constraint.get_config())
    np.testing.assert_array_equal(twin(KERAS["w"]), constraint(KERAS["w"]))


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("max_norm", {"max_value": -1}, "max_value must be a finite number of at least 0. Received: -1"),
        ("min_max_norm", {"min_value": "a"}, "min_value must be a finite number of at least 0. Received: 'a'"),
        ("min_max_norm", {"min_value": 2, "max_value": 1}, "max_value must be at least min_value, 2. Received: 1"),
        ("min_max_norm", {"rate": 1.5}, "rate must be a number in [0, 1]. Received: 1.5"),
    ],
)
def test_wrong_argument_is_named(name: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        made(name, config)
    assert str(error.value) == message
