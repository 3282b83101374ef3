"""Activations: Keras' numbers, their derivatives, extremes, reuse of work arrays, the device, names and configs."""

from __future__ import annotations

import inspect
import json
import math
import subprocess
import sys
import typing
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp import activations, plugins
from kexp.core.activation import Activation, get_activation
from kexp.core.context import Context
from kexp.errors import ArgumentError
from kexp.testing.device import FakeDevice, FakeDeviceArray

KERAS = np.load(Path(__file__).parents[1] / "fixtures" / "activations.npz")
CASES: list[tuple[str, dict[str, Any]]] = json.loads(str(KERAS["cases"]))
NAMES = sorted(plugins.current()["activation"])
OPTIONS: list[tuple[str, dict[str, Any]]] = [*((name, {}) for name in NAMES), *(case for case in CASES if case[1])]
PLAIN = [case for case in OPTIONS if not case[1] or case[0] == "gelu"]
AT_LEAST_0 = "must be a finite number of at least 0. Received:"


def made(name: str, config: dict[str, Any]) -> Activation:
    activation = get_activation({"type": name, **config})
    assert activation is not None
    return activation


def applied(activation: Activation, x: Any, dy: Any, ctx: Context) -> tuple[Any, Any]:
    y, pullback = activation.forward(x, ctx=ctx)
    return y, pullback(dy)


def points(dtype: str = "float64") -> tuple[np.ndarray, np.ndarray]:
    """x (3, 4, 5), away from all kinks, and dy."""
    random = np.random.default_rng(3)
    x = random.normal(0, 3, (3, 4, 5))
    kinks = np.array([-3, -2.5, 0, 1.25, 2.5, 3, 4.25, 6])
    nearest = kinks[np.abs(x[..., None] - kinks).argmin(-1)]
    x = np.where(np.abs(x - nearest) < 0.01, nearest + 0.02, x)
    return x.astype(dtype), random.normal(size=x.shape).astype(dtype)


# --- Keras' numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{name}{config or ''}" for name, config in CASES])
def test_value_and_derivative_are_those_of_keras(number: int, dtype: str) -> None:
    name, config = CASES[number]
    expected_y, expected_dx = KERAS[f"{number}/{dtype}"]
    x, dy = KERAS["x"].astype(dtype), KERAS["dy"].astype(dtype)
    y, dx = applied(made(name, config), x, dy, Context())
    # At 0 the libraries below Keras differ about a relu with a slope: JAX has 1, TensorFlow and PyTorch the slope.
    differs = name == "leaky_relu" or config == {"negative_slope": 0.1}
    compared = (x != 0) if differs else np.full(x.shape, True)
    tolerance = {"rtol": 1e-12, "atol": 1e-13} if dtype == "float64" else {"rtol": 2e-6, "atol": 3e-6}
    np.testing.assert_allclose(y, expected_y, **tolerance)
    np.testing.assert_allclose(dx[compared], expected_dx[compared], **tolerance)


def test_fixture_was_made_with_keras_3_and_covers_every_activation_of_keras_that_is_registered() -> None:
    assert str(KERAS["keras"]).startswith("3.")
    assert {name for name, _ in CASES} == set(NAMES) - {"keras2_hard_sigmoid", "swish", "hard_swish"}


def test_keras2_hard_sigmoid_is_a_fifth_of_x_and_a_half() -> None:
    x = np.linspace(-4, 4, 81) + 0.001
    y, dx = applied(made("keras2_hard_sigmoid", {}), x, np.ones_like(x), Context())
    np.testing.assert_allclose(y, np.clip(0.2 * x + 0.5, 0, 1), rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(dx, np.where(np.abs(x) < 2.5, 0.2, 0.0))


# --- derivatives ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "config"), OPTIONS, ids=str)
def test_pullback_is_the_derivative_by_finite_differences(name: str, config: dict[str, Any]) -> None:
    activation, (x, dy), step = made(name, config), points(), 1e-5
    _, dx = applied(activation, x, dy, Context())
    for place in np.ndindex(x.shape):
        shift = np.zeros_like(x)
        shift[place] = step
        slope = np.sum(dy * (activation(x + shift) - activation(x - shift))) / (2 * step)
        assert dx[place] == pytest.approx(slope, rel=1e-7, abs=1e-7 * max(1, np.abs(activation(x)).max()))


KINKS = [  # name, config, x, derivative there
    ("relu", {}, 0.0, 0.0),
    ("relu", {"negative_slope": 0.1}, 0.0, 0.1),
    ("leaky_relu", {}, 0.0, 0.2),
    ("leaky_relu", {"negative_slope": 1.5}, 0.0, 1.5),
    ("leaky_relu", {"negative_slope": 0.0}, 0.0, 0.0),
    ("relu6", {}, 0.0, 0.0),
    ("relu6", {}, 6.0, 0.0),
    ("elu", {"alpha": 0.5}, 0.0, 0.5),
    ("hard_sigmoid", {}, -3.0, 0.0),
    ("hard_sigmoid", {}, 3.0, 0.0),
    ("hard_silu", {}, -3.0, 0.0),
    ("hard_silu", {}, 3.0, 1.0),
    ("softsign", {}, 0.0, 1.0),
]


@pytest.mark.parametrize(("name", "config", "x", "slope"), KINKS, ids=str)
def test_derivative_at_a_kink_is_the_stated_one(name: str, config: dict[str, Any], x: float, slope: float) -> None:
    _, dx = applied(made(name, config), np.array([x]), np.array([1.0]), Context())
    assert dx.tolist() == [slope]


# --- the contract ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "config"), OPTIONS, ids=str)
def test_reused_work_arrays_change_no_result(name: str, config: dict[str, Any]) -> None:
    activation, (x, dy), other = made(name, config), points(), points()[1] * 4
    ctx = Context(reuse=True)
    applied(activation, other, x, ctx)  # fills the work arrays with something else
    kept_x, kept_dy = x.copy(), dy.copy()
    y, pullback = activation.forward(x, ctx=ctx)
    pullback(x)
    dx = pullback(dy)
    expected_y, expected_dx = applied(activation, x, dy, Context())
    np.testing.assert_array_equal(y, expected_y)
    np.testing.assert_array_equal(dx, expected_dx)
    np.testing.assert_array_equal(x, kept_x)
    np.testing.assert_array_equal(dy, kept_dy)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"linear"}))
def test_the_second_step_allocates_no_result(name: str) -> None:
    activation, (x, dy), ctx = made(name, {}), points(), Context(reuse=True)
    first_y, first_dx = applied(activation, x, dy, ctx)
    second_y, second_dx = applied(activation, x, dy, ctx)
    assert second_y is first_y
    assert second_dx is first_dx


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("name", "config"), OPTIONS, ids=str)
def test_dtype_is_kept(name: str, config: dict[str, Any], dtype: str) -> None:
    x, dy = points(dtype)
    y, dx = applied(made(name, config), x, dy, Context())
    assert (y.dtype, dx.dtype) == (np.dtype(dtype), np.dtype(dtype))


@pytest.mark.parametrize("reuse", [False, True])
@pytest.mark.parametrize(("name", "config"), OPTIONS, ids=str)
def test_device_arrays_stay_on_the_device(name: str, config: dict[str, Any], reuse: bool) -> None:
    activation, (x, dy) = made(name, config), points("float32")
    ctx = Context(backend=FakeDevice(), reuse=reuse)
    y, dx = applied(activation, FakeDeviceArray(x), FakeDeviceArray(dy), ctx)
    expected_y, expected_dx = applied(activation, x, dy, Context())
    assert isinstance(y, FakeDeviceArray)
    assert isinstance(dx, FakeDeviceArray)
    np.testing.assert_array_equal(y.get(), expected_y)
    np.testing.assert_array_equal(dx.get(), expected_dx)


# --- extremes -------------------------------------------------------------------------------------------------------

LIMITS = {  # y at -1000 and 1000, derivative at -1000 and 1000
    "linear": (-1000, 1000, 1, 1),
    "relu": (0, 1000, 0, 1),
    "relu6": (0, 6, 0, 0),
    "leaky_relu": (-200, 1000, 0.2, 1),
    "elu": (-1, 1000, 0, 1),
    "selu": (-1.7580993, 1050.7010, 0, 1.0507010),
    "sigmoid": (0, 1, 0, 0),
    "hard_sigmoid": (0, 1, 0, 0),
    "keras2_hard_sigmoid": (0, 1, 0, 0),
    "tanh": (-1, 1, 0, 0),
    "softplus": (0, 1000, 0, 1),
    "softsign": (-1000 / 1001, 1000 / 1001, 1 / 1001**2, 1 / 1001**2),
    "exponential": (0, np.inf, 0, np.inf),
    "silu": (0, 1000, 0, 1),
    "swish": (0, 1000, 0, 1),
    "hard_silu": (0, 1000, 0, 1),
    "hard_swish": (0, 1000, 0, 1),
    "gelu": (0, 1000, 0, 1),
    "mish": (0, 1000, 0, 1),
    "softmax": (0, 1, 0, 0),
    "log_softmax": (-2000, 0, 1, 0),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "config"), PLAIN, ids=str)
def test_extremes_give_the_limits_without_a_warning(name: str, config: dict[str, Any], dtype: str) -> None:
    x = np.array([-1000, 1000], dtype)
    dy = np.array([1, 0], dtype) if name == "log_softmax" else np.ones(2, dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y, dx = applied(made(name, config), x, dy, Context())
    expected = np.array(LIMITS[name], float)
    if name == "log_softmax":
        expected[3] = -1  # what is taken from the largest goes to no other
    np.testing.assert_allclose([*y, *dx], expected, rtol=1e-6, atol=1e-30)


def test_limits_are_stated_for_every_activation() -> None:
    assert sorted(LIMITS) == NAMES


@pytest.mark.parametrize(("name", "config"), PLAIN, ids=str)
def test_the_largest_floats_give_no_nan(name: str, config: dict[str, Any]) -> None:
    x = np.array([-3e38, -1e20, -1e-40, 1e-40, 1e20], np.float32)
    y, dx = applied(made(name, config), x, np.ones_like(x), Context())
    assert not np.isnan(y).any()
    assert not np.isnan(dx).any()


SMALL = [  # name, x, y, derivative: tiny numbers with all their digits
    ("softplus", -40.0, math.exp(-40), math.exp(-40)),
    ("silu", -40.0, -40 * math.exp(-40), -39 * math.exp(-40)),
    ("mish", -40.0, -40 * math.exp(-40), -39 * math.exp(-40)),
    ("gelu", -10.0, -10 * math.erfc(10 / math.sqrt(2)) / 2, None),
    ("elu", -1e-10, math.expm1(-1e-10), math.exp(-1e-10)),
]


@pytest.mark.parametrize(("name", "x", "y", "slope"), SMALL, ids=str)
def test_small_results_keep_their_digits(name: str, x: float, y: float, slope: float | None) -> None:
    given_y, given_dx = applied(made(name, {}), np.array([x]), np.array([1.0]), Context())
    assert given_y[0] == pytest.approx(y, rel=1e-12, abs=0)
    assert slope is None or given_dx[0] == pytest.approx(slope, rel=1e-12, abs=0)


def test_nan_is_not_hidden() -> None:
    x = np.array([np.nan, 1.0])
    for name in NAMES:
        assert np.isnan(made(name, {})(x)[0]), name


# --- use ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_lists_and_integers_are_taken_in_floatx_and_scalars_stay_scalars(name: str) -> None:
    activation = made(name, {})
    expected = activation(np.array([-1, 2], np.float32))
    for x in ([-1, 2], np.array([-1, 2])):
        y = activation(x)
        assert y.dtype == np.float32
        np.testing.assert_array_equal(y, expected)
    assert activation(0.5).shape == activation(np.float64(0.5)).shape == ()


@pytest.mark.parametrize("name", NAMES)
def test_function_of_the_face_is_the_registered_activation(name: str) -> None:
    x, function = points()[0], getattr(activations, name)
    np.testing.assert_array_equal(function(x), made(name, {})(x))
    assert type(get_activation(function)) is plugins.current()["activation"].get(name)


def test_face_lists_what_is_registered_and_get() -> None:
    assert activations.__all__ == sorted([*NAMES, "get"])


def test_functions_take_keras_arguments_by_place_and_by_name() -> None:
    x = np.array([[-2.0, 8.0], [1.0, 3.0]])
    np.testing.assert_array_equal(activations.relu(x, 0.5, 6.0), [[-1, 6], [1, 3]])
    np.testing.assert_array_equal(activations.leaky_relu(x, negative_slope=0.5), [[-1, 8], [1, 3]])
    np.testing.assert_allclose(activations.softmax(x, 0).sum(0), [1, 1])


def test_get_takes_names_mappings_keras_configs_classes_and_none() -> None:
    assert type(activations.get("LeakyReLU")).__name__ == "LeakyRelu"
    assert type(activations.get(None)).__name__ == "Linear"
    slope = activations.get({"class_name": "leaky_relu", "config": {"negative_slope": 0.5}})
    assert slope.get_config() == {"negative_slope": 0.5}
    np.testing.assert_array_equal(activations.get(np.tanh)(np.ones(2)), np.tanh(np.ones(2)))


def test_aliases_are_the_same_classes() -> None:
    registry = plugins.current()["activation"]
    assert registry.get("swish") is registry.get("silu")
    assert registry.get("hard_swish") is registry.get("hard_silu")
    assert made("swish", {}).registered_name() == "silu"


@pytest.mark.parametrize(("name", "config"), OPTIONS, ids=str)
def test_config_makes_the_same_activation_again(name: str, config: dict[str, Any]) -> None:
    activation, x = made(name, config), points()[0]
    full = activation.get_config()
    assert full.items() >= config.items()
    np.testing.assert_array_equal(type(activation).from_config(full)(x), activation(x))


SIGNATURES = {
    "relu": "(negative_slope: 'float' = 0.0, max_value: 'float | None' = None, threshold: 'float' = 0.0) -> 'None'",
    "leaky_relu": "(negative_slope: 'float' = 0.2) -> 'None'",
    "elu": "(alpha: 'float' = 1.0) -> 'None'",
    "gelu": "(approximate: 'bool' = False) -> 'None'",
    "softmax": "(axis: 'int' = -1) -> 'None'",
    "log_softmax": "(axis: 'int' = -1) -> 'None'",
}


@pytest.mark.parametrize("name", NAMES)
def test_constructor_has_keras_arguments_with_types_that_a_config_is_checked_by(name: str) -> None:
    maker = plugins.current()["activation"].get(name)
    if name in SIGNATURES:
        assert str(inspect.signature(maker)) == SIGNATURES[name]
        assert set(typing.get_type_hints(maker.__init__)) == {*inspect.signature(maker).parameters, "return"}
    else:
        assert "__init__" not in vars(maker)


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("elu", {"alpha": -1}, f"alpha {AT_LEAST_0} -1"),
        ("elu", {"alpha": None}, f"alpha {AT_LEAST_0} None"),
        (
            "leaky_relu",
            {"negative_slope": -0.1},
            f"negative_slope {AT_LEAST_0} -0.1",
        ),
        ("leaky_relu", {"negative_slope": "a"}, f"negative_slope {AT_LEAST_0} 'a'"),
    ],
)
def test_wrong_argument_is_named(name: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        made(name, config)
    assert str(error.value) == message


def test_scipy_is_imported_by_gelu_alone_and_only_when_it_runs() -> None:
    code = (
        "import sys, kexp.activations as a\n"
        "a.tanh([1.0]), a.gelu([1.0], approximate=True); assert 'scipy' not in sys.modules\n"
        "a.gelu([1.0]); assert 'scipy' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
