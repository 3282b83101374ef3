"""The NumPy backend: arrays on the CPU."""

from __future__ import annotations

from kexp.backend import Backend, NumpyBackend
from kexp.hookspecs import hookimpl


@hookimpl
def kexp_backends() -> dict[str, type[Backend]]:
    return {"numpy": NumpyBackend}
