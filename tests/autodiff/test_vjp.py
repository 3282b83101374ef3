"""What vjp promises whatever the function is."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kexp.autodiff import stop_gradient, vjp

A, B = np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0])


def test_value_is_plain_and_pullback_gives_one_cotangent_per_argument():
    y, pullback = vjp(lambda a, b: a * b, A, B)
    assert type(y) is np.ndarray
    assert y.tolist() == [10, 40, 90]
    da, db = pullback(np.ones(3))
    assert (da.tolist(), db.tolist()) == ([10, 20, 30], [1, 2, 3])


def test_argument_that_y_does_not_depend_on_gets_zeros():
    _, pullback = vjp(lambda a, b: a * 2, A, np.float32(B))
    db = pullback(np.ones(3))[1]
    assert db.tolist() == [0, 0, 0]
    assert db.dtype == np.float32


@pytest.mark.parametrize("result", [np.ones(2), 3.0, np.float32(1)])
def test_constant_result_gives_zeros(result):
    y, pullback = vjp(lambda a: result, A)
    assert y is result
    assert pullback(np.ones_like(result))[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, bool])
def test_integers_and_booleans_are_constants_with_zero_cotangents(dtype):
    n = np.array([1, 0, 1], dtype=dtype)
    _, pullback = vjp(lambda a, n: a[n.astype(int)] * n, A, n)
    da, dn = pullback(np.ones(3))
    assert da.tolist() == [0, 2, 0]
    assert (dn.tolist(), dn.dtype) == ([0, 0, 0], dtype)


def test_identity_gives_an_array_of_the_callers_own():
    dy = np.ones(3)
    y, pullback = vjp(lambda a: a, A)
    assert y is A
    (da,) = pullback(dy)
    da[:] = 7
    assert dy.tolist() == [1, 1, 1]


def test_two_arguments_never_share_a_cotangent():
    _, pullback = vjp(lambda a, b: a + b, A, B)
    da, db = pullback(np.ones(3))
    da[:] = 7
    assert db.tolist() == [1, 1, 1]


def test_broadcast_cotangent_is_writable():
    (da,) = vjp(np.sum, A)[1](2.0)
    da[0] = 5
    assert da.tolist() == [5, 2, 2]


def test_value_used_many_times_gets_the_sum():
    _, pullback = vjp(lambda a: a * a + np.exp(a) * a + sum([a] * 10), A)
    np.testing.assert_allclose(pullback(np.ones(3))[0], 2 * A + np.exp(A) * (1 + A) + 10)


def test_same_array_given_twice_counts_as_two_arguments():
    da, db = vjp(lambda a, b: a * b, A, A)[1](np.ones(3))
    assert da.tolist() == db.tolist() == A.tolist()
    assert da is not db


@pytest.mark.parametrize("kind", [tuple, list])
def test_several_results_take_several_cotangents(kind):
    y, pullback = vjp(lambda a: kind((a * 2, a.sum(), np.ones(2))), A)
    assert type(y) is kind
    assert pullback((np.ones(3), 10.0, np.ones(2)))[0].tolist() == [12, 12, 12]
    assert pullback([None, 10.0, None])[0].tolist() == [10, 10, 10]
    assert pullback([None, None, None])[0].tolist() == [0, 0, 0]


def test_result_given_twice_gets_both_cotangents():
    def twice(a):
        b = a * 2
        return b, b

    assert vjp(twice, A)[1]((np.ones(3), np.full(3, 10.0)))[0].tolist() == [22, 22, 22]


def test_no_cotangent_is_zero():
    assert vjp(np.exp, A)[1](None)[0].tolist() == [0, 0, 0]


def test_cotangents_have_their_arguments_dtypes():
    a, b = np.float32(A), np.array(2.0)
    y, pullback = vjp(lambda a, b: a * b, a, b)
    assert y.dtype == np.float64
    da, db = pullback(np.ones(3))
    assert (da.dtype, db.dtype) == (np.float32, np.float64)
    assert type(db) is np.ndarray
    assert db.shape == ()


def test_numpy_scalar_gets_a_numpy_scalar():
    (ds,) = vjp(lambda s: s * A.sum(), np.float32(3))[1](1.0)
    assert type(ds) is np.float32
    assert ds == 6
    assert type(vjp(lambda s: A.sum(), np.float32(3))[1](1.0)[0]) is np.float32


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_a_whole_net_stays_in_its_precision(dtype):
    rng = np.random.default_rng(0)
    x, w, b = (rng.standard_normal(s).astype(dtype) for s in ((5, 3), (3, 4), (4,)))

    def net(x, w, b):
        h = np.maximum(x @ w + b, 0) ** 2 / 3 + np.where(x[:, :1] > 0, x[:, :1], 2)
        h = (h - h.mean(0)) / np.sqrt(h.var(0) + 1e-2)
        return np.mean(np.log1p(np.exp(-np.abs(h))) + 2**h + np.clip(h, -1, 1) + np.tanh(h).max(-1, keepdims=True))

    y, pullback = vjp(net, x, w, b)
    assert y.dtype == dtype
    assert [d.dtype for d in pullback(np.ones_like(y))] == [dtype] * 3


def test_cotangent_of_another_dtype_is_cast():
    assert vjp(lambda a: a * 2, np.float32(A))[1](np.ones(3, int))[0].dtype == np.float32


@pytest.mark.parametrize("f", [np.maximum, np.minimum, np.fmax, np.fmin])
def test_maximum_shares_the_cotangent_among_ties(f):
    da, db = vjp(f, np.array([0.0, 1.0]), np.zeros(2))[1](np.ones(2))
    assert da[0] == db[0] == 0.5
    assert sorted([da[1], db[1]]) == [0, 1]


@pytest.mark.parametrize("f", [np.fmax, np.fmin])
def test_fmax_gives_nothing_to_nan(f):
    da, db = vjp(f, np.array([np.nan, 1.0]), np.array([2.0, np.nan]))[1](np.ones(2))
    assert (da.tolist(), db.tolist()) == ([0, 1], [1, 0])


def test_derivative_on_the_bounds_of_clip_is_1_and_of_abs_at_0_is_0():
    assert vjp(lambda a: np.clip(a, 0, 1), np.array([0.0, 1.0]))[1](np.ones(2))[0].tolist() == [1, 1]
    assert vjp(np.abs, np.zeros(1))[1](np.ones(1))[0].tolist() == [0]


def test_stop_gradient_gives_a_constant():
    assert vjp(lambda a: a * stop_gradient(a), A)[1](np.ones(3))[0].tolist() == [1, 2, 3]
    assert stop_gradient(A) is A


def test_branch_on_a_comparison_follows_the_values():
    f = lambda a: a * 2 if (a > 2).any() else a * 3  # noqa: E731
    assert vjp(f, A)[1](np.ones(3))[0].tolist() == [2, 2, 2]
    assert vjp(f, A - 5)[1](np.ones(3))[0].tolist() == [3, 3, 3]


def test_a_very_deep_function_does_not_recurse():
    def deep(a):
        for _ in range(20_000):
            a = a + 1.0
        return a

    assert vjp(deep, A)[1](np.ones(3))[0].tolist() == [1, 1, 1]


def test_nothing_lives_on_when_the_pullback_is_dropped():
    a, inner = A.copy(), []

    def fn(a):
        b = np.exp(a)
        inner.append(weakref.ref(stop_gradient(b)))
        return (b * b)[1:].sum()

    gc.disable()  # reference counts alone must do it
    try:
        _, pullback = vjp(fn, a)
        pullback(1.0)
        assert inner[0]() is not None
        del pullback
        assert inner[0]() is None
    finally:
        gc.enable()


def test_constant_operand_is_kept_but_not_the_traced_one_that_the_derivative_does_not_need():
    held = []

    def fn(a):
        b = a * 1.0
        held.append(weakref.ref(stop_gradient(b)))
        return b * 2.0

    _, pullback = vjp(fn, A)
    assert held[0]() is None
    assert pullback(np.ones(3))[0].tolist() == [2, 2, 2]


def test_threads_do_not_disturb_each_other():
    results = {}

    def work(k):
        for _ in range(50):
            results[k] = vjp(lambda a: (a * k) @ a + np.sum(a * a), A)[1](1.0)[0]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, da in results.items():
        np.testing.assert_array_equal(da, (2 * k + 2) * A)


@settings(deadline=None, max_examples=60)
@given(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=4, max_side=3, min_side=0), st.integers(0, 99))
def test_broadcast_arguments_get_cotangents_of_their_own_shapes(shapes, seed):
    rng = np.random.default_rng(seed)
    a, b, c = (rng.standard_normal(shape) for shape in shapes.input_shapes)
    y, pullback = vjp(lambda a, b, c: np.where(a > 0, a * b, np.maximum(b, c) - c / 2), a, b, c)
    assert y.shape == shapes.result_shape
    dy = rng.standard_normal(y.shape)
    dargs = pullback(dy)
    assert [d.shape for d in dargs] == list(shapes.input_shapes)
    full = [np.broadcast_to(x, y.shape) for x in (a, b, c)]
    slopes = [
        np.where(full[0] > 0, full[1], 0),
        np.where(full[0] > 0, full[0], full[1] > full[2]),
        np.where(full[0] > 0, 0, (full[2] > full[1]) - 0.5),
    ]
    for d, x, slope in zip(dargs, (a, b, c), slopes, strict=True):
        axes = tuple(i for i in range(y.ndim) if i < y.ndim - x.ndim or x.shape[i - y.ndim] == 1)
        np.testing.assert_allclose(d, np.sum(dy * slope, axis=axes).reshape(x.shape), atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_index_sends_each_cotangent_back_to_its_element(data):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    index = data.draw(
        st.one_of(
            hnp.basic_indices(shape, allow_newaxis=True),
            hnp.arrays(bool, shape),
            hnp.integer_array_indices(shape, dtype=np.dtype(np.int64)),
        )
    )
    x = np.arange(np.prod(shape), dtype=float).reshape(shape)
    y, pullback = vjp(lambda x: x[index], x)
    dy = np.arange(1.0, np.size(y) + 1).reshape(np.shape(y))
    expected = np.zeros(x.size)
    np.add.at(expected, np.asarray(x[index], dtype=int).ravel(), dy.ravel())
    np.testing.assert_array_equal(pullback(dy)[0], expected.reshape(shape))
