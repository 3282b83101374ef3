"""Initializers: Keras' numbers where they are fixed, the distribution where they are drawn; streams, seeds, names."""

from __future__ import annotations

import inspect
import json
import math
import typing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kexp import initializers, plugins
from kexp.backend import settings
from kexp.core.component import resolve
from kexp.core.initializer import Initializer, fans
from kexp.core.streams import Streams
from kexp.errors import ArgumentError, ShapeError
from kexp_plugins.layers.dense import Dense

KERAS = np.load(Path(__file__).parents[1] / "fixtures" / "weight_rules.npz")
FIXED: list[tuple[str, dict[str, Any], list[int]]] = json.loads(str(KERAS["initializers"]))
FANS: list[tuple[list[int], list[int] | None, list[int] | None]] = json.loads(str(KERAS["fan_cases"]))
REGISTRY = plugins.current()["initializer"]
ALIASES = {
    "identity_initializer": "identity",
    "normal": "random_normal",
    "one": "ones",
    "orthogonal_initializer": "orthogonal",
    "uniform": "random_uniform",
    "zero": "zeros",
}
NAMES = sorted(set(REGISTRY) - set(ALIASES))
RANDOM = [name for name in NAMES if "seed" in inspect.signature(REGISTRY.get(name)).parameters]
DENSE, CONV = (200, 300), (3, 3, 40, 60)  # fans 200 and 300; 360 and 540
CUT = 0.87962566103423978  # standard deviation of a standard normal within ±2


def made(name: str, **config: Any) -> Initializer:
    initializer: Initializer = resolve("initializer", {"type": name, **config})
    return initializer


def drawn(name: str, shape: tuple[int, ...], seed: int = 0, **config: Any) -> np.ndarray:
    return made(name, **config).sample(shape, np.random.default_rng(seed))


# --- fixed values ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(len(FIXED)), ids=[f"{name}{config or ''}" for name, config, _ in FIXED])
def test_fixed_values_are_those_of_keras(number: int) -> None:
    name, config, shape = FIXED[number]
    values = made(name, **config)(shape)
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, KERAS[f"initializer {number}"])


@pytest.mark.parametrize("number", range(len(FANS)), ids=str)
def test_fans_are_those_of_keras(number: int) -> None:
    shape, input_axes, output_axes = FANS[number]
    fan_in, fan_out = KERAS["fans"][number].tolist()
    if input_axes is None:
        assert fans(tuple(shape)) == (fan_in, fan_out)
    for mode, n in (("fan_in", fan_in), ("fan_out", fan_out), ("fan_avg", (fan_in + fan_out) / 2)):
        config = {"mode": mode, "distribution": "uniform", "input_axes": input_axes, "output_axes": output_axes}
        values = drawn("variance_scaling", tuple(shape), **config)
        limits = np.random.default_rng(0).uniform(-1, 1, tuple(shape))
        np.testing.assert_allclose(values, limits * math.sqrt(3 / n), rtol=1e-14, atol=1e-16)


def test_constant_takes_an_array_of_the_weights_shape() -> None:
    table = np.arange(6.0).reshape(2, 3)
    values = drawn("constant", (2, 3), value=table)
    np.testing.assert_array_equal(values, table)
    values[:] = 0
    assert table[1, 2] == 5  # the weight is a copy
    with pytest.raises(ShapeError) as error:
        drawn("constant", (3, 2), value=table)
    assert str(error.value) == "constant: the values have the shape (2, 3), the weight (3, 2)"


# --- distributions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [DENSE, CONV], ids=["dense", "conv"])
@pytest.mark.parametrize("name", ["glorot_uniform", "he_uniform", "lecun_uniform"])
def test_uniform_fills_its_interval(name: str, shape: tuple[int, ...]) -> None:
    fan_in, fan_out = (200, 300) if shape == DENSE else (360, 540)
    top = {"glorot_uniform": 6 / (fan_in + fan_out), "he_uniform": 6 / fan_in, "lecun_uniform": 3 / fan_in}[name]
    values = drawn(name, shape)
    assert values.shape == shape
    assert 0.999 * math.sqrt(top) < values.max() <= math.sqrt(top)
    assert -math.sqrt(top) <= values.min() < -0.999 * math.sqrt(top)
    assert values.std() == pytest.approx(math.sqrt(top / 3), rel=0.02)
    assert abs(values.mean()) < 0.02 * math.sqrt(top)


@pytest.mark.parametrize("shape", [DENSE, CONV], ids=["dense", "conv"])
@pytest.mark.parametrize("name", ["glorot_normal", "he_normal", "lecun_normal"])
def test_normal_is_cut_off_at_two_standard_deviations_and_keeps_its_variance(name: str, shape: tuple[int, ...]) -> None:
    fan_in, fan_out = (200, 300) if shape == DENSE else (360, 540)
    variance = {"glorot_normal": 2 / (fan_in + fan_out), "he_normal": 2 / fan_in, "lecun_normal": 1 / fan_in}[name]
    values, uncut = drawn(name, shape), math.sqrt(variance) / CUT
    assert values.std() == pytest.approx(math.sqrt(variance), rel=0.02)
    assert abs(values.mean()) < 0.02 * math.sqrt(variance)
    assert 1.99 * uncut < np.abs(values).max() <= 2 * uncut


def test_scale_multiplies_the_variance_and_untruncated_normal_has_tails() -> None:
    values = drawn("variance_scaling", DENSE, scale=4.0, mode="fan_out", distribution="untruncated_normal")
    assert values.std() == pytest.approx(math.sqrt(4 / 300), rel=0.02)
    assert np.abs(values).max() > 3 * math.sqrt(4 / 300)
    cut, plain = ({"distribution": distribution} for distribution in ("truncated_normal", "normal"))
    np.testing.assert_array_equal(drawn("variance_scaling", (4, 5), **cut), drawn("variance_scaling", (4, 5), **plain))


def test_random_normal_random_uniform_and_truncated_normal_follow_their_arguments() -> None:
    normal = drawn("random_normal", DENSE, mean=1.0, stddev=0.5)
    assert (normal.mean(), normal.std()) == (pytest.approx(1, abs=0.01), pytest.approx(0.5, rel=0.02))
    assert normal.max() > 1 + 3 * 0.5
    cut = drawn("truncated_normal", DENSE, mean=1.0, stddev=0.5)
    assert (cut.mean(), cut.std()) == (pytest.approx(1, abs=0.01), pytest.approx(0.5 * CUT, rel=0.02))
    assert 0.99 < np.abs(cut - 1).max() <= 1.0
    uniform = drawn("random_uniform", DENSE, minval=2.0, maxval=4.0)
    assert 2 <= uniform.min() < 2.001
    assert 3.999 < uniform.max() < 4


def test_defaults_are_those_of_keras() -> None:
    assert drawn("random_normal", DENSE).std() == pytest.approx(0.05, rel=0.02)
    assert drawn("truncated_normal", DENSE).std() == pytest.approx(0.05 * CUT, rel=0.02)
    assert 0.0499 < np.abs(drawn("uniform", DENSE)).max() <= 0.05
    assert drawn("variance_scaling", DENSE).std() == pytest.approx(math.sqrt(1 / 200), rel=0.02)


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (2, 3, 4, 5), (2, 30)], ids=str)
def test_orthogonal_has_orthonormal_rows_or_columns(shape: tuple[int, ...]) -> None:
    values = drawn("orthogonal", shape, gain=3.0)
    assert values.shape == shape
    matrix = values.reshape(-1, shape[-1]) / 3
    gram = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
    np.testing.assert_allclose(gram, np.eye(min(matrix.shape)), atol=1e-13)


def test_orthogonal_fixes_the_signs_by_the_diagonal_of_r() -> None:
    normal = np.random.default_rng(4).standard_normal((6, 4))
    values = drawn("orthogonal", (6, 4), seed=4)
    assert (np.diagonal(values.T @ normal) > 0).all()


@pytest.mark.parametrize("name", RANDOM)
def test_empty_and_tiny_weights_are_drawn(name: str) -> None:
    for shape in [(1, 1), (0, 3)] if name == "orthogonal" else [(), (1,), (0, 3)]:
        assert np.shape(drawn(name, shape)) == shape


# --- streams and seeds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RANDOM)
def test_a_stream_decides_the_values(name: str) -> None:
    np.testing.assert_array_equal(drawn(name, (4, 5), seed=1), drawn(name, (4, 5), seed=1))
    assert (drawn(name, (4, 5), seed=1) != drawn(name, (4, 5), seed=2)).any()
    assert drawn(name, (4, 5)).dtype == np.float64


@pytest.mark.parametrize("name", RANDOM)
def test_called_by_hand_a_seed_decides_the_values(name: str) -> None:
    np.testing.assert_array_equal(made(name, seed=1)((4, 5)), made(name, seed=1)((4, 5)))
    assert (made(name, seed=1)((4, 5)) != made(name, seed=2)((4, 5))).any()
    assert (made(name)((4, 5)) != made(name)((4, 5))).any()


@pytest.mark.parametrize("name", RANDOM)
def test_in_a_layer_a_seed_stands_in_for_the_models(name: str) -> None:
    def kernel(root: int, **config: Any) -> np.ndarray:
        layer = Dense(3, kernel_initializer={"type": name, **config}, name="d")
        layer.ensure_built((None, 4), Streams(root))
        return layer.get_weights()[0]

    np.testing.assert_array_equal(kernel(1, seed=5), kernel(2, seed=5))
    np.testing.assert_array_equal(kernel(1), kernel(1))
    assert (kernel(1) != kernel(2)).any()
    assert (kernel(1, seed=5) != kernel(1, seed=6)).any()


def test_called_by_hand_values_are_in_floatx() -> None:
    settings.set_floatx("float64")
    try:
        assert initializers.GlorotUniform()((2, 2)).dtype == np.float64
    finally:
        settings.set_floatx("float32")
    assert initializers.Ones()((2, 2), dtype="float16").dtype == np.float16


# --- names and configs ----------------------------------------------------------------------------------------------

SIGNATURES = {
    "zeros": "()",
    "ones": "()",
    "constant": "(value=0.0)",
    "identity": "(gain=1.0)",
    "random_normal": "(mean=0.0, stddev=0.05, seed=None)",
    "random_uniform": "(minval=-0.05, maxval=0.05, seed=None)",
    "truncated_normal": "(mean=0.0, stddev=0.05, seed=None)",
    "variance_scaling": (
        "(scale=1.0, mode='fan_in', distribution='truncated_normal', seed=None, input_axes=None, output_axes=None)"
    ),
    **dict.fromkeys(
        ("glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform"),
        "(seed=None, input_axes=None, output_axes=None)",
    ),
    "orthogonal": "(gain=1.0, seed=None)",
}


def test_all_of_keras_initializers_are_there() -> None:
    assert sorted(SIGNATURES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_constructor_has_keras_arguments_with_types_that_a_config_is_checked_by(name: str) -> None:
    signature = inspect.signature(REGISTRY.get(name))
    bare = signature.replace(
        parameters=[p.replace(annotation=p.empty) for p in signature.parameters.values() if p.kind < p.VAR_POSITIONAL],
        return_annotation=signature.empty,
    )
    assert str(bare) == SIGNATURES[name]
    if bare.parameters:
        assert set(typing.get_type_hints(REGISTRY.get(name).__init__)) == {*bare.parameters, "return"}


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_alias_is_the_same_class(alias: str, name: str) -> None:
    assert REGISTRY.get(alias) is REGISTRY.get(name)
    assert resolve("initializer", alias).registered_name() == name


@pytest.mark.parametrize("name", NAMES)
def test_face_has_the_class_and_the_lower_case_name(name: str) -> None:
    maker = REGISTRY.get(name)
    assert getattr(initializers, name) is getattr(initializers, maker.__name__) is maker
    assert {name, maker.__name__} <= set(initializers.__all__)
    assert type(initializers.get(maker.__name__)) is maker


def test_face_lists_nothing_else() -> None:
    classes = {REGISTRY.get(name).__name__ for name in NAMES}
    others = {"Initializer", "get", "IdentityInitializer", "OrthogonalInitializer"}
    assert set(initializers.__all__) == classes | set(NAMES) | others
    assert initializers.get(None) is None


@pytest.mark.parametrize("name", NAMES)
def test_config_makes_the_same_initializer_again(name: str) -> None:
    config = {"seed": 3} if name in RANDOM else {}
    twin = REGISTRY.get(name).from_config(made(name, **config).get_config())
    shape = (4, 4)
    np.testing.assert_array_equal(twin(shape), made(name, **config)(shape))


def test_keras_saved_form_is_taken() -> None:
    saved = {"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_in", "distribution": "normal"}}
    initializer = initializers.get(saved)
    assert initializer is not None
    assert initializer.get_config() == {
        "scale": 2.0,
        "mode": "fan_in",
        "distribution": "normal",
        "seed": None,
        "input_axes": None,
        "output_axes": None,
    }


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("random_normal", {"stddev": -1}, "stddev must be a finite number of at least 0. Received: -1"),
        ("random_normal", {"mean": "a"}, "mean must be a finite number. Received: 'a'"),
        ("truncated_normal", {"stddev": -1}, "stddev must be a finite number of at least 0. Received: -1"),
        (
            "random_uniform",
            {"minval": 1, "maxval": 0},
            "minval must not be above maxval. Received: minval=1, maxval=0",
        ),
        ("variance_scaling", {"scale": 0}, "scale must be a finite number above 0. Received: 0"),
        (
            "variance_scaling",
            {"mode": "fan"},
            "mode must be one of 'fan_in', 'fan_out', 'fan_avg'. Received: 'fan'",
        ),
        (
            "variance_scaling",
            {"distribution": "cauchy"},
            "distribution must be one of 'truncated_normal', 'untruncated_normal', 'uniform', 'normal'. "
            "Received: 'cauchy'",
        ),
        (
            "glorot_uniform",
            {"input_axes": [0]},
            "input_axes and output_axes must be given together. Received: input_axes=[0], output_axes=None",
        ),
        ("constant", {"value": "a"}, "value must be a number or an array of numbers. Received: 'a'"),
        ("identity", {"gain": None}, "gain must be a finite number. Received: None"),
        ("orthogonal", {"gain": None}, "gain must be a finite number. Received: None"),
    ],
)
def test_wrong_argument_is_named(name: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        made(name, **config)
    assert str(error.value) == message


def test_identity_and_orthogonal_refuse_shapes_they_cannot_fill() -> None:
    with pytest.raises(ShapeError) as error:
        drawn("identity", (2, 2, 2))
    assert str(error.value) == "identity can only start a weight of 2 axes. Received: shape (2, 2, 2)"
    with pytest.raises(ShapeError) as error:
        drawn("orthogonal", (3,))
    assert str(error.value) == "orthogonal can only start a weight of at least 2 axes. Received: shape (3,)"
