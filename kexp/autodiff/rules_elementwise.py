"""Derivatives of functions that work element by element; the engine undoes their broadcasting."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from kexp.autodiff.rules import composite, constant, rule
from kexp.autodiff.tracer import Array, apply, astype, stop_gradient

_LN2, _LN10, _DEGREE = math.log(2), math.log(10), math.pi / 180  # Python floats: np.float64 would promote float32

rule(np.positive)(lambda y, x: (lambda dy: dy,))
rule(np.negative)(lambda y, x: (lambda dy: -dy,))
rule(np.absolute, np.fabs)(lambda y, x: (lambda dy: dy * np.sign(x),))
rule(np.square)(lambda y, x: (lambda dy: dy * (2 * x),))
rule(np.sqrt)(lambda y, x: (lambda dy: dy * 0.5 / y,))
rule(np.cbrt)(lambda y, x: (lambda dy: dy / (3 * y * y),))
rule(np.reciprocal)(lambda y, x: (lambda dy: -dy * y * y,))
rule(np.exp)(lambda y, x: (lambda dy: dy * y,))
rule(np.exp2)(lambda y, x: (lambda dy: dy * y * _LN2,))
rule(np.expm1)(lambda y, x: (lambda dy: dy * (y + 1),))
rule(np.log)(lambda y, x: (lambda dy: dy / x,))
rule(np.log2)(lambda y, x: (lambda dy: dy / (x * _LN2),))
rule(np.log10)(lambda y, x: (lambda dy: dy / (x * _LN10),))
rule(np.log1p)(lambda y, x: (lambda dy: dy / (1 + x),))
rule(np.sin)(lambda y, x: (lambda dy: dy * np.cos(x),))
rule(np.cos)(lambda y, x: (lambda dy: -dy * np.sin(x),))
rule(np.tan)(lambda y, x: (lambda dy: dy * (1 + y * y),))
rule(np.arcsin)(lambda y, x: (lambda dy: dy / np.sqrt(1 - x * x),))
rule(np.arccos)(lambda y, x: (lambda dy: -dy / np.sqrt(1 - x * x),))
rule(np.arctan)(lambda y, x: (lambda dy: dy / (1 + x * x),))
rule(np.sinh)(lambda y, x: (lambda dy: dy * np.cosh(x),))
rule(np.cosh)(lambda y, x: (lambda dy: dy * np.sinh(x),))
rule(np.tanh)(lambda y, x: (lambda dy: dy * (1 - y * y),))
rule(np.arcsinh)(lambda y, x: (lambda dy: dy / np.sqrt(x * x + 1),))
rule(np.arccosh)(lambda y, x: (lambda dy: dy / np.sqrt(x * x - 1),))
rule(np.arctanh)(lambda y, x: (lambda dy: dy / (1 - x * x),))
rule(np.deg2rad, np.radians)(lambda y, x: (lambda dy: dy * _DEGREE,))
rule(np.rad2deg, np.degrees)(lambda y, x: (lambda dy: dy / _DEGREE,))

rule(np.add)(lambda y, a, b: (lambda dy: dy, lambda dy: dy))
rule(np.subtract)(lambda y, a, b: (lambda dy: dy, lambda dy: -dy))
rule(np.multiply)(lambda y, a, b: (lambda dy: dy * b, lambda dy: dy * a))
rule(np.divide)(lambda y, a, b: (lambda dy: dy / b, lambda dy: -dy * y / b))
rule(np.remainder)(lambda y, a, b: (lambda dy: dy, lambda dy: -dy * np.floor_divide(a, b)))
rule(np.fmod)(lambda y, a, b: (lambda dy: dy, lambda dy: -dy * np.trunc(a / b)))
rule(np.hypot)(lambda y, a, b: (lambda dy: dy * a / y, lambda dy: dy * b / y))
rule(np.arctan2)(lambda y, a, b: (lambda dy: dy * b / (a * a + b * b), lambda dy: -dy * a / (a * a + b * b)))
rule(np.logaddexp)(lambda y, a, b: (lambda dy: dy * np.exp(a - y), lambda dy: dy * np.exp(b - y)))
rule(np.logaddexp2)(lambda y, a, b: (lambda dy: dy * np.exp2(a - y), lambda dy: dy * np.exp2(b - y)))
rule(np.power, np.float_power, operator.pow)(
    lambda y, a, b: (lambda dy: dy * _power_slope(a, b), lambda dy: dy * y * _log_or_zero(a))
)
rule(np.maximum, np.minimum, np.fmax, np.fmin)(
    lambda y, a, b: (lambda dy: _chosen(dy, y, a, b), lambda dy: _chosen(dy, y, b, a))
)

# Of scipy.special, which is known by name, because kexp does not import it.
rule("erf")(lambda y, x: (lambda dy: dy * np.exp(-x * x) * (2 / math.sqrt(math.pi)),))
rule("erfc")(lambda y, x: (lambda dy: dy * np.exp(-x * x) * (-2 / math.sqrt(math.pi)),))
rule("ndtr")(lambda y, x: (lambda dy: dy * np.exp(-0.5 * x * x) * (1 / math.sqrt(2 * math.pi)),))
rule("expit")(lambda y, x: (lambda dy: dy * y * (1 - y),))
rule("log_expit")(lambda y, x: (lambda dy: -dy * np.expm1(y),))
rule("logit")(lambda y, x: (lambda dy: dy / (x * (1 - x)),))
rule("xlogy")(
    lambda y, x, z: (lambda dy: dy * np.where(x == 0, 0, np.log(np.where(x == 0, 1, z))), lambda dy: dy * x / z)
)

constant(np.sign, np.floor, np.ceil, np.rint, np.trunc, np.fix, np.round, np.around, np.floor_divide, np.spacing)
constant(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
constant(np.logical_and, np.logical_or, np.logical_xor, np.logical_not)
constant(np.isnan, np.isinf, np.isfinite, np.isposinf, np.isneginf, np.signbit)
constant(np.isclose, np.allclose, np.array_equal, np.array_equiv, np.isin)
constant(np.result_type, np.can_cast, np.min_scalar_type, np.isrealobj, np.iscomplexobj)


def _power_slope(a: Array, b: Array) -> Array:
    number: bool = isinstance(b, (int, float, np.generic))
    if number:
        return b * a ** (b - 1) if b else 0.0
    return b * np.power(a, np.where(b == 0, 1, b - 1))  # 0 ** 0 has slope 0, not 0 * 0 ** -1


def _log_or_zero(a: Array) -> Array:
    if isinstance(a, (int, float)):
        return math.log(a) if a > 0 else 0.0
    return np.log(np.where(a > 0, a, 1))


def _chosen(dy: Array, y: Array, a: Array, b: Array) -> Array:
    return np.where(a == b, 0.5 * dy, dy * (a == y))


def _select(condition: Array, x: Array, y: Array) -> Array:
    return np.where(condition, x, y)


def _clip(x: Array, low: Any, high: Any) -> Array:
    return np.clip(x, low, high)


@rule(_select)
def _(y: Array, condition: Array, a: Array, b: Array) -> tuple[Callable[[Array], Array] | None, ...]:
    return None, lambda dy: np.where(condition, dy, 0), lambda dy: np.where(condition, 0, dy)


@composite(np.where)
def _(condition: Array, x: Any = None, y: Any = None) -> Any:
    return np.nonzero(condition) if x is None else apply(_select, (condition, x, y))


@rule(_clip)
def _(y: Array, x: Array, low: Any, high: Any) -> tuple[Callable[[Array], Array], ...]:
    def inside(dy: Array) -> Array:
        dy = dy if low is None else dy * (x >= low)
        return dy if high is None else dy * (x <= high)

    return inside, lambda dy: dy * (x < low), lambda dy: dy * (x > high)


@composite(np.clip)
def _(a: Array, a_min: Any = None, a_max: Any = None, out: None = None, *, min: Any = None, max: Any = None) -> Array:
    return apply(_clip, (a, min if a_min is None else a_min, max if a_max is None else a_max))


@composite(np.select)
def _(condlist: Any, choicelist: Any, default: Any = 0) -> Array:
    result = default
    for condition, choice in zip(condlist[::-1], choicelist[::-1], strict=True):
        result = np.where(condition, choice, result)
    return result


@composite(np.nan_to_num)
def _(x: Array, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Array:
    return np.where(np.isfinite(x), x, np.nan_to_num(stop_gradient(x), nan=nan, posinf=posinf, neginf=neginf))


rule(astype)(lambda y, x, dtype, order="K", casting="unsafe", copy=True: (lambda dy: dy,))
composite(np.astype)(lambda x, dtype, copy=True: apply(astype, (x, dtype)))
composite(np.divmod)(lambda a, b: (np.floor_divide(a, b), np.remainder(a, b)))
composite(np.modf)(lambda x: (x - np.trunc(x), np.trunc(x)))
