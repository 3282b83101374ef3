"""gelu: y = x * P(X <= x) for a standard normal X."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.hookspecs import hookimpl

FLAT = 40.0  # beyond it the normal density is 0 in float64, and so is the slope of the tanh formula
CUBIC = 0.044715
RATE = math.sqrt(2 / math.pi)


class Gelu(Activation):
    """Gaussian error linear unit: x * Phi(x), Phi the standard normal distribution function.

    With `approximate`: x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x³))), within 5e-4 of it
    (Hendrycks & Gimpel 2016, section 2).
    """

    def __init__(self, approximate: bool = False) -> None:
        self.approximate = approximate

    def forward(self, x: Array, *, ctx: Context) -> tuple[Array, Pullback]:
        return _with_tanh(x, ctx) if self.approximate else _with_erfc(x, ctx)


def _with_erfc(x: Array, ctx: Context) -> tuple[Array, Pullback]:
    share = np.multiply(x, -math.sqrt(0.5), out=ctx.work("gelu share", x.shape, x.dtype))
    share = _erfc()(share, out=share)
    np.multiply(share, 0.5, out=share)
    y = np.multiply(x, share, out=ctx.work("gelu", x.shape, x.dtype))

    def pullback(dy: Array) -> Array:  # Phi(x) + x phi(x)
        near = _clipped(x, ctx)
        slope = np.multiply(near, near, out=ctx.work("gelu slope", x.shape, x.dtype))
        np.multiply(slope, -0.5, out=slope)
        np.exp(slope, out=slope)
        np.multiply(slope, near, out=slope)
        np.multiply(slope, 1 / math.sqrt(2 * math.pi), out=slope)
        np.add(slope, share, out=slope)
        return np.multiply(dy, slope, out=slope)

    return y, pullback


def _with_tanh(x: Array, ctx: Context) -> tuple[Array, Pullback]:
    near = _clipped(x, ctx)
    bend = np.multiply(near, near, out=ctx.work("gelu share", x.shape, x.dtype))
    np.multiply(bend, RATE * CUBIC, out=bend)
    np.add(bend, RATE, out=bend)
    np.multiply(bend, near, out=bend)
    np.tanh(bend, out=bend)
    y = np.add(bend, 1.0, out=ctx.work("gelu", x.shape, x.dtype))
    np.multiply(y, 0.5, out=y)
    np.multiply(y, x, out=y)

    def pullback(dy: Array) -> Array:  # (1 + t) / 2 + x / 2 (1 - t²) rate (1 + 3 cubic x²)
        slope = np.multiply(near, near, out=ctx.work("gelu slope", x.shape, x.dtype))
        np.multiply(slope, 3 * CUBIC * RATE, out=slope)
        np.add(slope, RATE, out=slope)
        np.multiply(slope, near, out=slope)
        rest = np.multiply(bend, bend, out=ctx.work("gelu rest", x.shape, x.dtype))
        np.subtract(1.0, rest, out=rest)
        np.multiply(slope, rest, out=slope)
        np.add(slope, bend, out=slope)
        np.add(slope, 1.0, out=slope)
        np.multiply(slope, 0.5, out=slope)
        return np.multiply(dy, slope, out=slope)

    return y, pullback


def _clipped(x: Array, ctx: Context) -> Array:
    near = np.maximum(x, -FLAT, out=ctx.work("gelu near", x.shape, x.dtype))
    return np.minimum(near, FLAT, out=near)


@cache
def _erfc() -> Callable[..., Any]:
    from scipy import special

    function: Callable[..., Any] = special.erfc  # NumPy's dispatch takes CuPy arrays to cupyx.scipy.special.erfc
    return function


@hookimpl
def kexp_activations() -> dict[str, type[Activation]]:
    return {"gelu": Gelu}
