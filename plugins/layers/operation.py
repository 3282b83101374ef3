"""Operation: arithmetic and indexing of symbolic tensors, made by a + b, 2 * x, x[:, -1]."""

from __future__ import annotations

from kexp.core.layer import Layer
from kexp.core.operation import Operation
from kexp.hookspecs import hookimpl


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"operation": Operation}
