"""Derivatives of functions that pick elements."""

from __future__ import annotations

import numpy as np
import pytest

rng = np.random.default_rng(2)
X, Y = rng.standard_normal((2, 3, 4))
CUBE = rng.standard_normal((2, 3, 4))
FLAT, SCALAR = rng.standard_normal(5), np.array(0.7)
MASK = rng.random((3, 4)) > 0.5
ROWS, COLUMNS = np.array([0, 2, 2, -1]), np.array([1, 3, 3, 0])
PAIRS = np.array([[0, 1], [1, -3]])

CASES = {
    "item": (lambda x: x[1], (X,)),
    "element": (lambda x: x[1, -1], (X,)),
    "slice": (lambda x: x[1:, ::2], (X,)),
    "slice-backwards": (lambda x: x[::-1, 1], (X,)),
    "ellipsis-newaxis": (lambda x: x[..., None, 1:3], (X,)),
    "everything": (lambda x: x[...], (X,)),
    "0d": (lambda x: x[()] * 2, (SCALAR,)),
    "0d-newaxis": (lambda x: x[None], (SCALAR,)),
    "empty": (lambda x: x[3:], (X,)),
    "mask": (lambda x, m: x[m], (X, MASK)),
    "mask-of-rows": (lambda x, m: x[m], (X, np.array([True, False, True]))),
    "mask-of-x": (lambda x: x[stop(x) > 0], (X,)),
    "mask-none": (lambda x, m: x[m], (X, np.zeros_like(MASK))),
    "mask-and-slice": (lambda x, m: x[:, m], (X, MASK[0])),
    "rows": (lambda x, i: x[i], (X, ROWS)),
    "rows-of-a-cube": (lambda x, i: x[i], (CUBE, np.array([[0, 1, 1], [-1, -2, 0]]))),
    "rows-unsigned": (lambda x, i: x[i], (X, ROWS.astype(np.uint8) % 3)),
    "rows-0d": (lambda x, i: x[i], (X, np.array(1))),
    "rows-of-a-vector": (lambda x, i: x[i], (FLAT, ROWS)),
    "rows-list": (lambda x: x[[0, 0, 2]], (X,)),
    "pairs": (lambda x, i, j: x[i, j], (X, ROWS, COLUMNS)),
    "array-and-slice": (lambda x, j: x[1:, j], (X, COLUMNS)),
    "array-between-slices": (lambda x, i: x[:, i, ::2], (CUBE, ROWS)),
    "array-and-number": (lambda x, j: x[0, :, j], (CUBE, COLUMNS)),
    "arrays-broadcast": (lambda x, i, j: x[i[:, None], j], (X, ROWS, COLUMNS)),
    "mask-and-array": (lambda x, m, j: x[m, j], (X, np.array([True, False, True]), np.array([1, 1]))),
    "twice": (lambda x: x[0] * x[1:] + x[:2] * x[0], (X,)),
    "slice-and-whole": (lambda x: x[0] * 2 + x, (X,)),
    "step-by-step": (lambda x: sum((np.tanh(x[:, t]) * t for t in range(4)), x[:, 0]), (X,)),
    "of-a-step": (lambda x: (x * x)[0] + (x * x)[1:].sum(0), (X,)),
    "iteration": (lambda x: [row * k for k, row in enumerate(x)], (X,)),
    "unpacking": (lambda x: np.multiply(*x), (X[:2],)),
    "take": (lambda x, i: np.take(x, i), (X, ROWS)),
    "take-axis": (lambda x, i: np.take(x, i, axis=-1), (CUBE, COLUMNS)),
    "take-2d": (lambda x, i: x.take(i, 1), (CUBE, PAIRS)),
    "take-number": (lambda x: np.take(x, 2, axis=1), (CUBE,)),
    "take_along_axis": (lambda x, i: np.take_along_axis(x, i, 1), (X, np.array([[0, 0], [3, 1], [2, 2]]))),
    "take_along_axis-first": (lambda x, i: np.take_along_axis(x, i, axis=0), (CUBE, np.zeros((1, 3, 4), int))),
    "take_along_axis-flat": (lambda x, i: np.take_along_axis(x, i, None), (X, ROWS)),
    "sort": (np.sort, (X,)),
    "sort-first": (lambda x: np.sort(x, axis=0), (CUBE,)),
    "sort-flat": (lambda x: np.sort(x, axis=None), (X,)),
    "repeat": (lambda x: np.repeat(x, 3, axis=1), (CUBE,)),
    "repeat-flat": (lambda x: np.repeat(x, 2), (X,)),
    "repeat-negative-axis": (lambda x: x.repeat(2, -1), (CUBE,)),
    "repeat-numpy-int": (lambda x: np.repeat(x, np.int64(2), axis=0), (X,)),
    "repeat-counts": (lambda x, n: np.repeat(x, n, axis=0), (X, np.array([2, 0, 3]))),
    "diag-of-vector": (np.diag, (FLAT,)),
    "diag-of-vector-above": (lambda x: np.diag(x, 2), (FLAT,)),
    "diag-of-matrix": (lambda x: np.diag(x, -1), (X,)),
    "diagflat": (lambda x: np.diagflat(x, 1), (X,)),
    "diagonal": (np.diagonal, (X,)),
    "diagonal-above": (lambda x: x.diagonal(1), (X,)),
    "diagonal-axes": (lambda x: np.diagonal(x, -1, 2, 0), (CUBE,)),
    "diagonal-outside": (lambda x: np.diagonal(x, 7), (X,)),
    "trace": (np.trace, (X,)),
    "trace-axes": (lambda x: np.trace(x, offset=1, axis1=-2, axis2=-1), (CUBE,)),
}


def stop(x):
    return getattr(x, "value", x)


@pytest.mark.parametrize(("call", "args"), CASES.values(), ids=CASES)
def test_index_rule_keeps_the_contract(call, args, check_case):
    check_case(call, args)


def test_repeated_indices_add_their_gradients(pullback_of):
    (dx,) = pullback_of(lambda x: x[np.array([0, 2, 2, 2, -1])], np.zeros(3))(np.array([1.0, 10.0, 100.0, 1000.0, 1e4]))
    assert dx.tolist() == [1.0, 0.0, 11110.0]


def test_a_long_loop_over_slices_needs_one_buffer(monkeypatch, pullback_of):
    pullback = pullback_of(lambda x: sum(x[:, t] * t for t in range(50)), np.ones((2, 50)))
    made = []
    zeros_like = np.zeros_like
    monkeypatch.setattr(np, "zeros_like", lambda *args, **kwargs: made.append(1) or zeros_like(*args, **kwargs))
    (dx,) = pullback(np.ones(2))
    assert dx.tolist() == [list(range(50))] * 2
    assert len(made) == 1
