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


def drawn_shape(noise_shape: Sequence[int | None], shape: tuple[int, ...]) -> tuple[int, ...]:
    """`noise_shape` with the input's sizes in place of None."""
    if len(noise_shape) != len(shape):
        raise ArgumentError(f"noise_shape must have {len(shape)} entries, one an axis. Received: {noise_shape!r}")
    return tuple(size if given is None else given for given, size in zip(noise_shape, shape, strict=True))
