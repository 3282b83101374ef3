"""The CuPy backend: arrays on a CUDA device."""

from __future__ import annotations

from kexp.backend import Backend, CupyBackend
from kexp.hookspecs import hookimpl


@hookimpl
def kexp_backends() -> dict[str, type[Backend]]:
    return {"cupy": CupyBackend}
