"""Derivatives of matrix products and of the rest of linear algebra."""

from __future__ import annotations

import numpy as np
import pytest

rng = np.random.default_rng(3)


def _a(*shape):
    return rng.standard_normal(shape)


def _well(*shape):
    return rng.standard_normal(shape) + 3 * np.eye(shape[-1])


MATMUL = {
    "vector-vector": (_a(3), _a(3)),
    "vector-matrix": (_a(3), _a(3, 2)),
    "matrix-vector": (_a(2, 3), _a(3)),
    "matrix-matrix": (_a(2, 3), _a(3, 4)),
    "stack-matrix": (_a(5, 2, 3), _a(3, 4)),
    "stack-vector": (_a(5, 2, 3), _a(3)),
    "vector-stack": (_a(3), _a(5, 3, 2)),
    "matrix-stack": (_a(2, 3), _a(5, 3, 4)),
    "stack-stack": (_a(5, 2, 3), _a(5, 3, 4)),
    "stacks-broadcast": (_a(5, 1, 2, 3), _a(4, 3, 2)),
    "empty": (_a(0, 3), _a(3, 4)),
    "empty-inside": (_a(2, 0), _a(0, 4)),
    "empty-stack": (_a(0, 2, 3), _a(3, 4)),
    "empty-stack-inside": (_a(4, 2, 0), _a(0, 4)),
}
EINSUM = {
    "ij,jk->ik": (_a(2, 3), _a(3, 4)),
    "ij,jk": (_a(2, 3), _a(3, 4)),
    "ij,ij->": (_a(2, 3), _a(2, 3)),
    "i,j->ij": (_a(2), _a(3)),
    "ij->ji": (_a(2, 3),),
    "ba": (_a(2, 3),),
    "ij->i": (_a(2, 3),),
    "ij->": (_a(2, 3),),
    "ijk,j->k": (_a(2, 3, 4), _a(3)),
    "...ij,...jk->...ik": (_a(5, 2, 3), _a(3, 4)),
    "...i,i": (_a(5, 2, 3), _a(3)),
    "i...,i...->...": (_a(3, 4, 1), _a(3, 2)),
    "nd,dk,k->n": (_a(2, 3), _a(3, 4), _a(4)),
    "bhqd, bhkd -> bhqk": (_a(2, 1, 3, 2), _a(2, 1, 4, 2)),
    "ij,j->i": (_a(2, 1), _a(3)),
    "ij,j-> i": (_a(2, 3), _a(1)),
    "ii->i": (_a(3, 3),),
    "ii": (_a(3, 3),),
    "iij,j->i": (_a(2, 2, 3), _a(3)),
    "iji->j": (_a(3, 2, 3),),
    "iii->": (_a(2, 2, 2),),
    "ii,j->j": (_a(2, 2), _a(3)),
}
CASES = {
    **{f"matmul-{name}": (np.matmul, args) for name, args in MATMUL.items()},
    **{f"dot-{name}": (np.dot, args) for name, args in MATMUL.items() if args[1].ndim < 3},
    **{f"einsum {text}": (lambda *x, text=text: np.einsum(text, *x), args) for text, args in EINSUM.items()},
    "einsum-optimize": (
        lambda a, b, c: np.einsum("ij,jk,kl->il", a, b, c, optimize=True),
        (_a(2, 3), _a(3, 4), _a(4, 2)),
    ),
    "einsum-trace-then-more": (lambda a: np.einsum("ii", a) * 2, (_a(3, 3),)),
    "matmul-operator": (lambda a, b: a @ b @ a, (_a(2, 3), _a(3, 2))),
    "matmul-after-sum": (lambda a, b: (a @ b).sum(), (_a(4, 2, 3), _a(3, 4))),
    "matmul-after-row-sum": (lambda a, b: (a @ b).sum(1), (_a(2, 3), _a(3, 4))),
    "dot-numbers": (np.dot, (np.array(2.0), _a(2, 3))),
    "dot-stacks": (np.dot, (_a(2, 3), _a(4, 3, 2))),
    "dot-method": (lambda a, b: a.dot(b), (_a(2, 3), _a(3, 4))),
    "inner": (np.inner, (_a(2, 3), _a(4, 3))),
    "inner-vectors": (np.inner, (_a(3), _a(3))),
    "inner-number": (np.inner, (_a(2, 3), np.array(3.0))),
    "outer": (np.outer, (_a(2), _a(3))),
    "outer-matrices": (np.outer, (_a(2, 2), _a(3))),
    "vdot": (np.vdot, (_a(2, 3), _a(2, 3))),
    "vecdot": (np.vecdot, (_a(2, 3), _a(3))),
    "vecdot-axis": (lambda a, b: np.vecdot(a, b, axis=0), (_a(3, 2), _a(3, 2))),
    "tensordot": (np.tensordot, (_a(2, 3, 4), _a(3, 4, 2))),
    "tensordot-1": (lambda a, b: np.tensordot(a, b, 1), (_a(2, 3), _a(3, 4))),
    "tensordot-0": (lambda a, b: np.tensordot(a, b, axes=0), (_a(2), _a(3))),
    "tensordot-axes": (lambda a, b: np.tensordot(a, b, ([0, -1], [1, 0])), (_a(2, 3, 4), _a(4, 2, 5))),
    "tensordot-axis": (lambda a, b: np.tensordot(a, b, (1, -1)), (_a(2, 3), _a(4, 3))),
    "tensordot-numpy-int": (lambda a, b: np.tensordot(a, b, np.int64(1)), (_a(2, 3), _a(3, 4))),
    "inv": (np.linalg.inv, (_well(3, 3),)),
    "inv-stack": (np.linalg.inv, (_well(2, 3, 3),)),
    "det": (np.linalg.det, (_well(3, 3),)),
    "det-stack": (np.linalg.det, (_well(2, 3, 3),)),
    "solve-vector": (np.linalg.solve, (_well(3, 3), _a(3))),
    "solve-matrix": (np.linalg.solve, (_well(3, 3), _a(3, 2))),
    "solve-stack": (np.linalg.solve, (_well(2, 3, 3), _a(3, 2))),
    "solve-stack-vector": (np.linalg.solve, (_well(3, 3, 3), _a(3))),
    "mlp": (lambda x, w, b, v: np.tanh(x @ w + b) @ v, (_a(4, 3), _a(3, 5), _a(5), _a(5, 1))),
}


@pytest.mark.parametrize(("call", "args"), CASES.values(), ids=CASES)
def test_product_rule_keeps_the_contract(call, args, check_case):
    check_case(call, args)
