"""Product: x @ kernel inside a recurrent cell, with dropout masks, over one step or the whole sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context


def room(ctx: Context, name: str, shape: tuple[int, ...], like: Array) -> Array:
    """An array to write into: the context's work array, or a new one; its content is anything."""
    work = ctx.work(name, shape, like.dtype)
    return np.empty_like(like, shape=shape) if work is None else work


def dropout_masks(ctx: Context, rate: float, shape: tuple[int, ...], count: int, like: Array) -> list[Array] | None:
    """`count` masks of 0 and 1 / (1 - rate) for one sequence, or None where nothing is dropped."""
    if not ctx.training or not rate:
        return None
    bits = ctx.stream.integers(0, 1 << 16, (count, *shape), dtype=np.uint16)
    keep = ctx.backend.asarray(bits >= round(rate * (1 << 16))).astype(like.dtype)
    return list(keep * ctx.kernels.constant(1 / (1 - rate), like))


class Product:
    """x (..., n, d) @ kernel (d, k) -> (..., n, k).

    With one mask (n, d), x is multiplied by it first; with several, each has its own block of the kernel's columns.
    The masks are those of all time steps.
    """

    def __init__(self, kernel: Array, masks: Sequence[Array] | None, ctx: Context, name: str) -> None:
        self.kernel, self.ctx, self.name = kernel, ctx, name
        count = len(masks) if masks else 1
        width = kernel.shape[1] // count
        self.parts: list[tuple[slice, Array, Any]] = []
        if masks:
            columns = [slice(k * width, (k + 1) * width) for k in range(count)]
            self.parts = [(part, kernel[:, part].copy(), mask) for part, mask in zip(columns, masks, strict=True)]

    def __call__(self, x: Array, out: Array) -> Array:
        """x @ kernel, written into `out` (contiguous)."""
        if not self.parts:
            _flat(x).dot(self.kernel, _flat(out))
            return out
        for part, kernel, mask in self.parts:
            out[..., part] = (_flat(x * mask).dot(kernel)).reshape(*x.shape[:-1], -1)
        return out

    def back(self, dz: Array, out: Array) -> Array:
        """The cotangent of x, written into `out` (contiguous)."""
        if not self.parts:
            _flat(dz).dot(self.kernel.T, _flat(out))
            return out
        for place, (part, kernel, mask) in enumerate(self.parts):
            dx = _flat(dz[..., part]).dot(kernel.T).reshape(out.shape) * mask
            np.add(out, dx, out=out) if place else np.copyto(out, dx)
        return out

    def gradient(self, x: Array, dz: Array, out: Array | None) -> Array:
        """The kernel's gradient, from x and dz of all time steps, written into `out` where it is given."""
        if not self.parts:
            rows = _flat(x)
            return rows.T.dot(_flat(dz), out) if len(rows) else np.zeros_like(self.kernel)
        gradient = np.empty_like(self.kernel) if out is None else out
        for part, _, mask in self.parts:
            gradient[:, part] = _flat(x * mask).T.dot(_flat(dz[..., part]))
        return gradient


def _flat(x: Array) -> Array:
    return x.reshape(-1, x.shape[-1])


class Carry:
    """The cotangent of a state on its way back through time."""

    def __init__(self, last: Array | None, like: Array, ctx: Context, name: str) -> None:
        self.value = room(ctx, name, like.shape, like)
        if last is None:
            self.value.fill(0)
        else:
            self.value[...] = last

    def add(self, d: Array | None) -> Array:
        """Add what comes from the step's output; returns the sum."""
        if d is not None:
            np.add(self.value, d, out=self.value)
        return self.value

    def set(self, d: Array, held: Array | None) -> None:
        """Go one step back: to d, plus what masked steps held on to."""
        if held is None:
            self.value[...] = d
        else:
            np.add(d, held, out=self.value)
