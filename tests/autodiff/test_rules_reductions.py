"""Derivatives of functions that reduce or run along axes."""

from __future__ import annotations

import numpy as np
import pytest

rng = np.random.default_rng(1)
X = rng.standard_normal((2, 3, 4))
FLAT, SCALAR = rng.standard_normal(5), np.array(0.7)
POSITIVE = rng.uniform(0.5, 2.0, (2, 3))
ONE_ZERO = np.array([[0.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
TWO_ZEROS = np.array([[0.0, 0.0, 3.0], [4.0, 0.0, 6.0]])
MASK = rng.random((3, 4)) > 0.4
GAPS = np.where(rng.random((3, 4)) > 0.3, rng.standard_normal((3, 4)), np.nan)

AXES = {
    "all": {},
    "first": {"axis": 0},
    "last": {"axis": -1},
    "last-kept": {"axis": -1, "keepdims": True},
    "negative": {"axis": -2},
    "tuple": {"axis": (0, -1)},
    "tuple-kept": {"axis": (2, 0), "keepdims": True},
    "none-kept": {"keepdims": True},
}


def _reduction(f):
    return {
        **{
            f"{f.__name__}-{name}": (lambda x, options=options: f(x, **options), (X,)) for name, options in AXES.items()
        },
        f"{f.__name__}-1d": (f, (FLAT,)),
        f"{f.__name__}-positional": (lambda x: f(x, 1), (X,)),
        f"{f.__name__}-method": (lambda x: getattr(x, f.__name__)(axis=1), (X,)),
    }


CASES = {
    **{
        name: case
        for f in (np.sum, np.mean, np.max, np.min, np.prod, np.var, np.std)
        for name, case in _reduction(f).items()
    },
    **{f"{f.__name__}-0d": (f, (SCALAR,)) for f in (np.sum, np.mean, np.max, np.min, np.prod)},
    **{f"{f.__name__}-no-axes": (lambda x, f=f: f(x, axis=()), (X,)) for f in (np.sum, np.mean, np.prod)},
    "sum-by-name": (lambda x: np.sum(axis=0, a=x), (X,)),
    "sum-empty": (np.sum, (np.zeros((0, 3)),)),
    "sum-over-empty": (lambda x: x.sum(axis=0), (np.zeros((0, 3)),)),
    "sum-beside-empty": (lambda x: x.sum(axis=1), (np.zeros((0, 3)),)),
    "sum-where": (lambda x, m: np.sum(x, axis=0, where=m), (X, MASK)),
    "sum-where-initial": (lambda x, m: np.sum(x, where=m, initial=2.0), (X[0], MASK)),
    "sum-add-reduce": (lambda x: np.add.reduce(x, axis=1), (X,)),
    "sum-add-reduce-default": (np.add.reduce, (X,)),
    "sum-dtype": (lambda x: np.sum(x, dtype=np.float64), (X,)),
    "cumsum-add-accumulate": (np.add.accumulate, (X,)),
    "max-reduce": (lambda x: np.maximum.reduce(x, axis=-1), (X,)),
    "min-reduce": (np.minimum.reduce, (X,)),
    "max-initial": (lambda x: np.max(x, axis=0, initial=0.5), (X,)),
    "amax-amin": (lambda x: np.amax(x, 0) - np.amin(x, (1, 2))[0], (X,)),
    "prod-reduce": (np.multiply.reduce, (X,)),
    "prod-one-zero": (lambda x: np.prod(x, axis=1), (ONE_ZERO,)),
    "prod-one-zero-all": (np.prod, (ONE_ZERO,)),
    "prod-two-zeros": (lambda x: np.prod(x, axis=1), (TWO_ZEROS,)),
    "var-ddof": (lambda x: np.var(x, axis=1, ddof=1), (X,)),
    "var-correction": (lambda x: np.var(x, axis=(0, 1), correction=1, keepdims=True), (X,)),
    "std-ddof": (lambda x: x.std(axis=0, ddof=1), (X,)),
    "std-correction": (lambda x: np.std(x, correction=1), (X,)),
    "cumsum": (np.cumsum, (X,)),
    "cumsum-axis": (lambda x: np.cumsum(x, axis=1), (X,)),
    "cumsum-negative": (lambda x: x.cumsum(-1), (X,)),
    "norm-vector": (np.linalg.norm, (FLAT,)),
    "norm-all": (np.linalg.norm, (X,)),
    "norm-2": (lambda x: np.linalg.norm(x, 2), (FLAT,)),
    "norm-2-axis": (lambda x: np.linalg.norm(x, ord=2, axis=-1), (X,)),
    "norm-axis": (lambda x: np.linalg.norm(x, axis=1, keepdims=True), (X,)),
    "norm-matrix": (lambda x: np.linalg.norm(x, axis=(0, 2)), (X,)),
    "norm-fro": (lambda x: np.linalg.norm(x, "fro"), (X[0],)),
    "norm-1": (lambda x: np.linalg.norm(x, 1, axis=0), (X,)),
    "ptp": (lambda x: np.ptp(x, axis=1), (X,)),
    "ptp-kept": (lambda x: np.ptp(x, keepdims=True), (X,)),
    "nansum": (lambda x, g: np.nansum(x * g, axis=0), (X[0], np.where(np.isnan(GAPS), 7, 3))),
    "nanmean": (lambda x: np.nanmean(np.where(x > 0, x, np.nan), axis=-1), (np.abs(X) * [1, -1, 1, 1],)),
    "average": (np.average, (X,)),
    "average-axis": (lambda x: np.average(x, axis=1, keepdims=True), (X,)),
    "average-weights": (lambda x, w: np.average(x, weights=w), (POSITIVE, POSITIVE[::-1] + 1)),
    "average-weights-axis": (lambda x, w: np.average(x, axis=1, weights=w), (X, POSITIVE[0])),
    "softmax": (
        lambda x: np.exp(x - x.max(-1, keepdims=True)) / np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True),
        (X,),
    ),
    "logsumexp": (lambda x: np.log(np.exp(x - x.max(1, keepdims=True)).sum(1)) + x.max(1), (X,)),
    "layer-norm": (lambda x: (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-3), (X,)),
}


@pytest.mark.parametrize(("call", "args"), CASES.values(), ids=CASES)
def test_reduction_rule_keeps_the_contract(call, args, check_case):
    check_case(call, args)


@pytest.mark.parametrize("f", [np.max, np.min, np.amax, np.amin])
def test_extremes_share_the_cotangent_equally_among_ties(f, pullback_of):
    (dx,) = pullback_of(lambda x: f(x, axis=1), np.array([[2.0, 2.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0]]))(
        np.array([4.0, 1.0])
    )
    assert dx.tolist() == [[1.0] * 4, [0.25] * 4]


@pytest.mark.parametrize("order", [None, 1, 2])
def test_norm_has_the_derivative_0_at_0(order, pullback_of):
    (dx,) = pullback_of(lambda x: np.linalg.norm(x, order), np.zeros(3))(1.0)
    assert dx.tolist() == [0, 0, 0]
