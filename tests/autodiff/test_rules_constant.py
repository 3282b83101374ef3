"""Functions without a derivative: traced or not, they give the same plain arrays."""

from __future__ import annotations

import numpy as np
import pytest

from kexp.autodiff import vjp

X = np.array([[1.5, -0.5, 0.5], [2.5, np.nan, -3.5]])
CLEAN = np.array([[1.5, -0.5, 0.5], [2.5, 0.0, -3.5]])

CONSTANTS = {
    **{
        f.__name__: f
        for f in (
            *(np.sign, np.floor, np.ceil, np.rint, np.trunc, np.fix, np.round, np.around, np.spacing),
            *(np.isnan, np.isinf, np.isfinite, np.isposinf, np.isneginf, np.signbit, np.logical_not),
            *(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.any, np.all, np.count_nonzero),
            *(np.nonzero, np.argwhere, np.flatnonzero, np.shape, np.ndim, np.size, np.zeros_like, np.ones_like),
            *(np.isrealobj, np.iscomplexobj, np.min_scalar_type),
        )
    },
    **{
        f.__name__: (lambda x, f=f: f(x, 0.5))
        for f in (
            *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.floor_divide),
            *(np.logical_and, np.logical_or, np.logical_xor, np.isclose, np.allclose, np.array_equal, np.array_equiv),
            *(np.isin, np.shares_memory, np.may_share_memory),
        )
    },
    "empty_like": lambda x: np.empty_like(x).shape,
    "full_like": lambda x: np.full_like(x, 2.0),
    "argpartition": lambda x: np.argpartition(x, 1, axis=-1).shape,
    "lexsort": lambda x: np.lexsort((x[0], x[1])),
    "searchsorted": lambda x: np.searchsorted(np.arange(4.0), x[0]),
    "digitize": lambda x: np.digitize(x[0], np.array([0.0, 1.0])),
    "result_type": lambda x: np.result_type(x, np.float32),
    "can_cast": lambda x: np.can_cast(x, np.float32),
    "where-one-argument": lambda x: np.where(x > 0),
    "where-condition": lambda x: np.where(x, 1.0, 2.0),
    "astype-int": lambda x: np.floor(x[0]).astype(int) + x[0].astype(np.int32),
    "divmod-quotient": lambda x: divmod(x, 0.7)[0],
    "modf-integral": lambda x: np.modf(x)[1],
    "logical-reduce": lambda x: np.logical_or.reduce(x > 1, axis=0),
    "logical-and-reduce": lambda x: np.logical_and.reduce(x, axis=1),
    "comparison": lambda x: (x > 0.5) & ~(x == 2.5) | (x <= -1),
    "comparison-reflected": lambda x: x > 0.5,
    "len": len,
}


@pytest.mark.parametrize("call", CONSTANTS.values(), ids=CONSTANTS)
def test_constant_is_plain_and_as_without_tracing(call):
    seen = []
    vjp(lambda x: seen.append(call(x)) or x, X)
    expected = call(X)
    assert type(seen[0]) is type(expected)
    np.testing.assert_array_equal(seen[0], expected)


@pytest.mark.parametrize("f", [np.sign, np.floor, np.round, np.zeros_like, np.isnan])
def test_constant_has_derivative_zero(f):
    _, pullback = vjp(lambda x: f(x) * x, CLEAN)
    np.testing.assert_array_equal(pullback(np.ones_like(X))[0], f(CLEAN) * 1.0)


def test_result_of_constants_only_has_derivative_zero():
    y, pullback = vjp(np.floor, CLEAN)
    assert type(y) is np.ndarray
    np.testing.assert_array_equal(pullback(np.ones_like(y))[0], np.zeros_like(CLEAN))


def test_constant_option_is_passed_on():
    y, _ = vjp(lambda x: np.argmax(x, axis=1, keepdims=True), CLEAN)
    assert y.tolist() == [[0], [0]]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda x: np.arange(3, like=x), [0, 1, 2]),
        (lambda x: np.zeros(2, like=x), [0, 0]),
        (lambda x: np.ones(2, like=x), [1, 1]),
        (lambda x: np.full(2, 7, like=x), [7, 7]),
        (lambda x: np.array([1, 2], like=x), [1, 2]),
        (lambda x: np.asarray([1, 2], like=x), [1, 2]),
        (lambda x: np.eye(2, like=x), [[1, 0], [0, 1]]),
        (lambda x: np.identity(1, like=x), [[1]]),
        (lambda x: np.tri(2, like=x), [[1, 0], [1, 1]]),
        (lambda x: np.empty((0,), like=x), []),
    ],
)
def test_array_made_like_a_traced_one_is_a_constant_on_its_device(make, expected, strict):
    y, _ = vjp(lambda x: make(x), strict(X))
    assert isinstance(y, strict)
    assert y.host.tolist() == expected
    y, _ = vjp(lambda x: make(x.sum()), X)
    assert y.tolist() == expected
