"""What the layers that draw random numbers share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context
from kexp.errors import ArgumentError


def passed(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
    """The pullback of doing nothing, or of adding something."""
    return (dy,), {}


def normal(x: Array, ctx: Context) -> Array:
    """Normal random numbers of mean 0 and variance 1, an array like x, from the layer's own stream."""
    drawn: Any = np.float32 if x.dtype == np.float32 else np.float64
    return ctx.backend.asarray(ctx.stream.standard_normal(x.shape, dtype=drawn), dtype=x.dtype)


def kept(x: Array, rate: float, noise_shape: Sequence[int | None] | None, ctx: Context) -> Array:
    """1 with probability 1 - rate, else 0; axes of size 1 in `noise_shape` share one draw.

    16 random bits decide, which is rate to 8e-6 and four times as fast as a float.
    """
    shape = x.shape if noise_shape is None else drawn_shape(noise_shape, x.shape)
    bits = ctx.stream.integers(0, 1 << 16, shape, dtype=np.uint16)
    return ctx.backend.asarray(bits >= round(rate * (1 << 16))).astype(x.dtype)


def checked_noise_shape(noise_shape: Any) -> tuple[int | None, ...] | None:
    """`noise_shape` as a tuple of sizes above 0, None where the input's size holds."""
    if noise_shape is None:
        return None
    items = noise_shape if isinstance(noise_shape, list | tuple) else (0,)
    if any(n is not None and (isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1) for n in items):
        raise ArgumentError(f"noise_shape must be a tuple of positive ints or None. Received: {noise_shape!r}")
    return tuple(None if n is None else int(n) for n in items)


def drawn_shape(noise_shape: Sequence[int | None], shape: tuple[int, ...]) -> tuple[int, ...]:
    """`noise_shape` with the input's sizes in place of None."""
    if len(noise_shape) != len(shape):
        raise ArgumentError(f"noise_shape must have {len(shape)} entries, one an axis. Received: {noise_shape!r}")
    found = tuple(size if given is None else given for given, size in zip(noise_shape, shape, strict=True))
    if any(given not in (1, size) for given, size in zip(found, shape, strict=True)):
        raise ArgumentError(f"noise_shape must hold 1, None or the input's size {shape}. Received: {noise_shape!r}")
    return found
