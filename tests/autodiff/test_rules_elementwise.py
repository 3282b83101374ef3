"""Derivatives of functions that work element by element, and of what is written out in them."""

from __future__ import annotations

import operator

import numpy as np
import pytest
import scipy.special

rng = np.random.default_rng(0)
X, Y = rng.standard_normal((2, 3, 4))
POSITIVE, MORE = rng.uniform(0.5, 2.0, (2, 3, 4))
UNIT, PROBABILITY = rng.uniform(-0.9, 0.9, (3, 4)), rng.uniform(0.1, 0.9, (3, 4))
ROW, COLUMN, SCALAR = rng.uniform(0.5, 2.0, 4), rng.uniform(0.5, 2.0, (3, 1)), np.array(0.7)
EMPTY = np.zeros((0, 4))
MASK = rng.random((3, 4)) > 0.5
GAPS = np.where(MASK, X, np.inf)

UNARY = {
    **dict.fromkeys((np.positive, np.negative, np.absolute, np.fabs, np.square, np.cbrt, np.exp, np.exp2), X),
    **dict.fromkeys((np.expm1, np.sin, np.cos, np.tan, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh), X),
    **dict.fromkeys((np.deg2rad, np.radians, np.rad2deg, np.degrees), X),
    **dict.fromkeys((scipy.special.erf, scipy.special.erfc, scipy.special.ndtr), X),
    **dict.fromkeys((scipy.special.expit, scipy.special.log_expit), X),
    **dict.fromkeys((np.sqrt, np.reciprocal, np.log, np.log2, np.log10, np.log1p), POSITIVE),
    **dict.fromkeys((np.arcsin, np.arccos, np.arctanh), UNIT),
    np.arccosh: POSITIVE + 1,
    scipy.special.logit: PROBABILITY,
}
BINARY = (
    *(np.add, np.subtract, np.multiply, np.divide, np.power, np.float_power, operator.pow, np.maximum, np.minimum),
    *(np.fmax, np.fmin, np.hypot, np.arctan2, np.logaddexp, np.logaddexp2, np.remainder, np.fmod),
    scipy.special.xlogy,
)


def _binary(f):
    name = f.__name__
    return {
        f"{name}-same": (f, (POSITIVE, MORE)),
        f"{name}-row-left": (f, (ROW, POSITIVE)),
        f"{name}-column-right": (f, (POSITIVE, COLUMN)),
        f"{name}-outer": (f, (COLUMN, ROW)),
        f"{name}-0d": (f, (SCALAR, POSITIVE)),
        f"{name}-empty": (f, (EMPTY, ROW)),
        f"{name}-number-right": (lambda x: f(x, 2.5), (POSITIVE,)),
        f"{name}-number-left": (lambda x: f(1.5, x), (POSITIVE,)),
        f"{name}-with-itself": (lambda x: f(x + 1, 2 * x), (POSITIVE,)),
    }


CASES = {
    **{f"{f.__name__}-2d": (f, (x,)) for f, x in UNARY.items()},
    **{f"{f.__name__}-0d": (f, (x[0, :1].reshape(()),)) for f, x in UNARY.items()},
    **{f"{f.__name__}-empty": (f, (x[:0],)) for f, x in UNARY.items()},
    **{name: case for f in BINARY for name, case in _binary(f).items()},
    "power-square": (lambda x: x**2, (X,)),
    "power-cube": (lambda x: x**3, (X,)),
    "power-root": (lambda x: x**0.5, (POSITIVE,)),
    "power-negative": (lambda x: x**-2, (POSITIVE,)),
    "power-zero": (lambda x: x**0 + x, (np.zeros(3),)),
    "power-numpy-scalar": (lambda x: np.power(x, np.float32(2)), (POSITIVE,)),
    "power-of-two": (lambda x: 2**x, (X,)),
    "power-negative-base": (lambda x: np.power(x, 3), (X,)),
    "power-integer-array": (np.power, (X, np.array([0, 1, 2, 3]))),
    "power-exponent-of-integers": (lambda n, x: n**x, (np.array([1, 2, 3, 4]), X)),
    "divmod-remainder": (lambda x, y: divmod(x, y)[1], (POSITIVE, ROW)),
    "modf-fraction": (lambda x: np.modf(x)[0], (X,)),
    "where": (np.where, (MASK, X, Y)),
    "where-broadcast": (np.where, (MASK, ROW, COLUMN)),
    "where-number-left": (lambda m, x: np.where(m, 0.0, x), (MASK, X)),
    "where-number-right": (lambda m, x: np.where(m, x, 1), (MASK, X)),
    "where-condition-of-x": (lambda x: np.where(x > 0, x, 0.1 * x), (X,)),
    "select": (lambda x: np.select([x > 1, x > 0], [x * x, 3 * x], default=0.5), (X,)),
    "clip": (lambda x: np.clip(x, -0.5, 0.5), (X,)),
    "clip-low": (lambda x: np.clip(x, 0.1, None), (X,)),
    "clip-high": (lambda x: x.clip(None, 0.1), (X,)),
    "clip-names": (lambda x: np.clip(x, min=-0.4, max=0.6), (X,)),
    "clip-traced-bounds": (np.clip, (X, -ROW / 2, COLUMN / 2)),
    "nan_to_num": (lambda x: np.nan_to_num(x * x, posinf=2.0), (GAPS[MASK],)),
    "astype": (lambda x: x.astype(np.float64) * 2, (X,)),
    "astype-function": (lambda x: np.astype(x, np.float64) * x, (X,)),
    "astype-order": (lambda x: x.astype(x.dtype, order="F", copy=True), (X,)),
    "add-dtype": (lambda x: np.add(x, 1, dtype=np.float64), (X,)),
    "relu": (lambda x: np.maximum(x, 0), (X,)),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), (X,)),
    "softplus": (lambda x: np.logaddexp(0, x), (X,)),
    "mish": (lambda x: x * np.tanh(np.logaddexp(0, x)), (X,)),
    "gelu": (lambda x: 0.5 * x * (1 + scipy.special.erf(x / 2**0.5)), (X,)),
    "outer-method": (np.subtract.outer, (X, ROW)),
    "outer-method-0d": (np.multiply.outer, (X, SCALAR)),
}


@pytest.mark.parametrize(("call", "args"), CASES.values(), ids=CASES)
def test_elementwise_rule_keeps_the_contract(call, args, check_case):
    check_case(call, args)
