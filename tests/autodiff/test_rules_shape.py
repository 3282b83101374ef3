"""Derivatives of functions that move elements, copy them or join arrays."""

from __future__ import annotations

import numpy as np
import pytest

rng = np.random.default_rng(4)
X, Y = rng.standard_normal((2, 3, 4))
CUBE = rng.standard_normal((2, 3, 4))
ROW, FLAT, SCALAR = rng.standard_normal(4), rng.standard_normal(5), np.array(0.7)
THIN = rng.standard_normal((1, 3, 1))

CASES = {
    "copy": (np.copy, (X,)),
    "copy-method": (lambda x: x.copy(), (X,)),
    "reshape": (lambda x: np.reshape(x, (4, 3)), (X,)),
    "reshape-method": (lambda x: x.reshape(2, -1), (X,)),
    "reshape-tuple": (lambda x: x.reshape((6, 2)), (X,)),
    "reshape-F": (lambda x: x.reshape((2, 6), order="F"), (X,)),
    "reshape-0d": (lambda x: x.reshape(()), (np.ones((1, 1)),)),
    "ravel": (np.ravel, (CUBE,)),
    "ravel-F": (lambda x: x.ravel("F"), (CUBE,)),
    "flatten": (lambda x: x.flatten(), (CUBE,)),
    "expand_dims": (lambda x: np.expand_dims(x, (0, -1)), (X,)),
    "squeeze": (np.squeeze, (THIN,)),
    "squeeze-axis": (lambda x: x.squeeze(-1), (THIN,)),
    "transpose": (np.transpose, (CUBE,)),
    "transpose-axes": (lambda x: np.transpose(x, (1, -1, 0)), (CUBE,)),
    "transpose-method": (lambda x: x.transpose(2, 0, 1), (CUBE,)),
    "transpose-method-none": (lambda x: x.transpose(), (CUBE,)),
    "T": (lambda x: x.T, (CUBE,)),
    "mT": (lambda x: x.mT, (CUBE,)),
    "swapaxes": (lambda x: x.swapaxes(0, -1), (CUBE,)),
    "moveaxis": (lambda x: np.moveaxis(x, 0, -1), (CUBE,)),
    "moveaxis-many": (lambda x: np.moveaxis(x, (0, 1), (2, 0)), (CUBE,)),
    "flip": (np.flip, (CUBE,)),
    "flip-axis": (lambda x: np.flip(x, (0, -1)), (CUBE,)),
    "fliplr": (np.fliplr, (X,)),
    "flipud": (np.flipud, (X,)),
    "roll": (lambda x: np.roll(x, 3), (X,)),
    "roll-axis": (lambda x: np.roll(x, -1, axis=1), (X,)),
    "roll-axes": (lambda x: np.roll(x, (1, 2), axis=(0, -1)), (X,)),
    "triu": (lambda x: np.triu(x, 1), (X,)),
    "tril": (lambda x: np.tril(x, k=-1), (CUBE,)),
    "broadcast_to": (lambda x: np.broadcast_to(x, (3, 4)), (ROW,)),
    "broadcast_to-thin": (lambda x: np.broadcast_to(x, (2, 2, 3, 4)), (THIN,)),
    "broadcast_arrays": (np.broadcast_arrays, (ROW, X[:, :1])),
    "concatenate": (lambda x, y: np.concatenate([x, y]), (X, Y)),
    "concatenate-axis": (lambda x, y: np.concatenate((x, y[:, :1], x), axis=-1), (X, Y)),
    "concatenate-flat": (lambda x, y: np.concatenate([x, y], axis=None), (X, ROW)),
    "concatenate-constant": (lambda x: np.concatenate([np.ones_like(x), x, x]), (X,)),
    "stack": (lambda x, y: np.stack([x, y]), (X, Y)),
    "stack-axis": (lambda x, y: np.stack((x, y, x), axis=-1), (X, Y)),
    "stack-negative": (lambda x, y: np.stack((x, y), axis=-2), (X, Y)),
    "stack-by-name": (lambda x, y: np.stack(axis=1, arrays=[x, y]), (X, Y)),
    "hstack": (lambda x, y: np.hstack([x, y]), (X, Y)),
    "hstack-vectors": (lambda x, y, z: np.hstack([x, y, z]), (ROW, FLAT, SCALAR)),
    "vstack": (lambda x, y: np.vstack([x, y]), (X, ROW)),
    "column_stack": (lambda x, y: np.column_stack([x, y]), (X, X[:, 0])),
    "append": (lambda x, y: np.append(x, y), (X, ROW)),
    "append-axis": (lambda x, y: np.append(x, y, axis=1), (X, Y)),
    "atleast_1d": (np.atleast_1d, (SCALAR,)),
    "atleast_2d": (np.atleast_2d, (SCALAR, ROW, X)),
    "split": (lambda x: np.split(x, 2, axis=1), (X,)),
    "split-edges": (lambda x: np.split(x, [1, 3], axis=-1), (X,)),
    "split-parts-used": (lambda x: np.multiply(*np.split(x, 2, 1)), (X,)),
    "array_split": (lambda x: np.array_split(x, 3), (FLAT,)),
    "vsplit": (lambda x: np.vsplit(x, 3), (X,)),
    "hsplit": (lambda x: np.hsplit(x, 2), (X,)),
    "hsplit-vector": (lambda x: np.hsplit(x, [2]), (FLAT,)),
    "tile": (lambda x: np.tile(x, 3), (ROW,)),
    "tile-axes": (lambda x: np.tile(x, (2, 3)), (X,)),
    "tile-new-axes": (lambda x: np.tile(x, (2, 1, 3)), (X,)),
    "tile-fewer": (lambda x: np.tile(x, [2]), (X,)),
    "pad": (lambda x: np.pad(x, 1), (X,)),
    "pad-value": (lambda x: np.pad(x, ((1, 2), (0, 3)), constant_values=7.0), (X,)),
    "pad-pair": (lambda x: np.pad(x, (2, 1)), (CUBE,)),
    "pad-dict": (lambda x: np.pad(x, {-1: (1, 2), 0: 1}), (X,)),
    **{f"pad-{m}": (lambda x, m=m: np.pad(x, ((2, 1), (0, 0), (3, 2)), mode=m), (CUBE,)) for m in ("edge", "wrap")},
    **{
        f"pad-{m}": (lambda x, m=m: np.pad(x, (1, 2), m), (rng.standard_normal((3, 4)),))
        for m in ("reflect", "symmetric")
    },
    "diff": (np.diff, (CUBE,)),
    "diff-twice": (lambda x: np.diff(x, n=2, axis=0), (X,)),
    "diff-none": (lambda x: np.diff(x, 0), (X,)),
    "diff-ends": (lambda x, e, s: np.diff(x, axis=1, prepend=e, append=s), (X, X[:, 1:], SCALAR)),
    "full_like": (lambda x, s: np.full_like(x, s) * x, (X, SCALAR)),
    "full_like-shape": (lambda x: np.full_like(x, x.sum(), shape=(2, 2)), (X,)),
}


@pytest.mark.parametrize(("call", "args"), CASES.values(), ids=CASES)
def test_shape_rule_keeps_the_contract(call, args, check_case):
    check_case(call, args)
