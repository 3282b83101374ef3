"""Digests and descriptions of data, so that a run's record says exactly what it was trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from kexp.core.dataset import Split
from kexp.core.source import Source, is_source
from kexp.data.rows import is_table

SAMPLED_ROWS = 64


def describe(split: Split) -> dict[str, Any]:
    """Rows, shapes, columns and digests of a split; of the numbers of its rows too, where a splitter chose them."""
    described = {
        "rows": len(split),
        "digest": digest([split.x, split.y, split.sample_weight]),
        "inputs": form(split.x),
        "targets": form(split.y),
    }
    if split.rows is None:
        return described
    return described | {"index_digest": digest(np.asarray(split.rows, dtype=np.int64))}


def digest(values: Any) -> str:
    """32 hex digits (BLAKE2b, 128 bits) of all values, their types and shapes.

    Of a source that knows no `digest` of its own, 64 rows and the length stand for the whole.
    """
    state = hashlib.blake2b(digest_size=16)
    _feed(state, values)
    return state.hexdigest()


def form(values: Any) -> Any:
    """What data look like: {"shape": ..., "dtype": ...}, {"columns": {name: dtype}}, or a list or map of these."""
    if values is None:
        return None
    if isinstance(values, Mapping):
        return {str(name): form(part) for name, part in values.items()}
    if is_table(values):
        return {"columns": {str(name): str(dtype) for name, dtype in values.dtypes.items()}}
    if isinstance(values, list | tuple):
        return [form(part) for part in values]
    if is_source(values):
        first = values.take(slice(0, 1))
        return form(first) if is_table(first) else {"shape": [len(values), *first.shape[1:]], "dtype": str(first.dtype)}
    array = np.asarray(values)
    return {"shape": list(array.shape), "dtype": str(array.dtype)}


def _feed(state: Any, values: Any) -> None:
    if values is None or isinstance(values, str | int | float):
        state.update(repr(values).encode())
    elif isinstance(values, Mapping):
        for name, part in values.items():
            state.update(repr(name).encode())
            _feed(state, part)
    elif is_table(values):
        for name in values.columns:
            state.update(repr(name).encode())
            _feed(state, np.asarray(values[name]))
    elif is_source(values):
        _feed(state, _samples(values))
    elif isinstance(values, list | tuple):
        for part in values:
            _feed(state, part)
    else:
        array = np.asarray(values)
        state.update(f"{array.dtype} {array.shape}".encode())
        if array.dtype.kind == "O":
            state.update("\0".join(map(repr, array.ravel())).encode())
        else:
            state.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)


def _samples(source: Source) -> Any:
    own = getattr(source, "digest", None)
    if own is not None:
        return own()
    n = len(source)
    places = np.unique(np.linspace(0, n - 1, min(n, SAMPLED_ROWS)).astype(np.intp))
    return [n, source.take(places)]
