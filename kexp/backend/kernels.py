"""The hot functions, written once against NumPy's names: NumPy's own dispatch takes them to CuPy arrays.

Every function writes its result into `out` where it is given and returns it. Another version (compiled, fused)
is a class with the same methods that passes the same contract test.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

import numpy as np

Array = Any  # numpy.ndarray, cupy.ndarray or whatever follows NumPy's dispatch protocols

PARALLEL = 131072  # elements from which on two threads share a vector, in pieces of this length
FLUSH_EVERY = 32  # steps
BLOCK = 32768  # elements: five float32 vectors of this length stay in a cache of 1 MiB


class Kernels:
    """The reference kernels; holds the constants and work arrays that they reuse from step to step."""

    def __init__(self) -> None:
        self._constants: dict[tuple[float, int, type], Array] = {}
        self._work: dict[tuple[str, int], Array] = {}
        self._ones: dict[int, Array] = {}
        self._adam_numbers: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def constant(self, value: float, like: Array) -> Array:
        """`value` as an array of no axes on the device of `like`, in its dtype. Not to be written to.

        NumPy takes such an operand faster than a Python number, and CuPy without a copy from the host.
        """
        key = (value, like.dtype.num, type(like))
        try:
            return self._constants[key]
        except KeyError:
            if len(self._constants) > 1000:  # a schedule makes a new number every step
                self._constants.clear()
            made = self._constants[key] = np.full_like(like, value, shape=())
            return made

    def work(self, name: str, like: Array) -> Array:
        """A work array as large as `like`; its content is whatever the last user left."""
        key = (name, like.size)
        array = self._work.get(key)
        if array is None or array.dtype != like.dtype or array.shape != like.shape or type(array) is not type(like):
            array = self._work[key] = np.empty_like(like)
        return array

    def affine(self, x: Array, kernel: Array, bias: Array | None, out: Array | None = None) -> Array:
        """x (n, d) @ kernel (d, u) + bias (u,) -> (n, u)."""
        out = x.dot(kernel, out)
        if bias is not None:
            row = out[0] if len(out) == 1 else out  # equal shapes spare NumPy the broadcasting
            np.add(row, bias, row)
        return out

    def sum_rows(self, x: Array, out: Array | None = None) -> Array:
        """x (n, u) -> (u,): a product with ones, which BLAS does faster than NumPy adds rows."""
        n = len(x)
        if n == 1 and out is not None:
            out[...] = x[0]
            return out
        ones = self._ones.get(n)
        if ones is None or ones.dtype is not x.dtype or type(ones) is not type(x):
            ones = self._ones[n] = np.full_like(x, 1, shape=(n,))
        return ones.dot(x, out)

    def flush_tiny(self, state: Array, step: int) -> None:
        """Every 32 steps, set to 0 what is on its way to the subnormal numbers: below 1e-30 in float32.

        The state of a weight whose gradient has become 0 decays until it is subnormal and then stays so, because
        the next smaller number rounds back to it; arithmetic on such numbers is a hundred times slower.
        """
        if step % FLUSH_EVERY or state.dtype.itemsize < 4:
            return
        limits = np.finfo(state.dtype)
        swamp = self.constant(float(limits.tiny) * 1e8 / float(limits.eps), state)
        np.add(state, swamp, out=state)
        np.subtract(state, swamp, out=state)

    def sgd(self, w: Array, g: Array, *, lr: float) -> None:
        """w -= lr * g, in place. Uses g as work space."""
        np.multiply(g, self.constant(lr, g), out=g)
        np.subtract(w, g, out=w)

    def momentum(self, w: Array, g: Array, v: Array, *, lr: float, momentum: float, nesterov: bool) -> None:
        """v = momentum * v - lr * g; w += v (nesterov: w += momentum * v - lr * g). Uses g as work space."""
        keep, rate = self.constant(momentum, g), self.constant(lr, g)
        if len(w) <= BLOCK:
            self._momentum(w, g, v, keep, rate, nesterov)
            return
        for start in range(0, len(w), BLOCK):
            part = slice(start, start + BLOCK)
            self._momentum(w[part], g[part], v[part], keep, rate, nesterov)

    def _momentum(self, w: Array, g: Array, v: Array, keep: Array, rate: Array, nesterov: bool) -> None:
        np.multiply(g, rate, g)
        np.multiply(v, keep, v)
        np.subtract(v, g, v)
        if nesterov:
            np.subtract(w, g, w)
            np.multiply(v, keep, g)
            np.add(w, g, w)
        else:
            np.add(w, v, w)

    def adam(
        self, w: Array, g: Array, m: Array, v: Array, vhat: Array | None,
        *, alpha: float, beta_1: float, beta_2: float, epsilon: float,
    ) -> None:  # fmt: skip
        """m = b1 m + g; v = b2 v + g²; w -= alpha (1 - b1) m / (sqrt((1 - b2) v) + eps), in place.

        m and v are the running means without their factors (1 - b1) and (1 - b2), which saves two passes over
        memory. With `vhat` (AMSGrad) the largest v so far stands in the last term. Uses g as work space.
        """
        key = (beta_1, beta_2, epsilon, g.dtype.num, type(g))
        numbers = self._adam_numbers.get(key)
        if numbers is None:
            root = math.sqrt(1 - beta_2)
            given = (beta_1, beta_2, epsilon / root, 0.0)
            arrays = [np.full_like(g, value, shape=()) for value in given]
            numbers = self._adam_numbers[key] = (*arrays, (1 - beta_1) / root)
        b1, b2, eps, rate, factor = numbers
        rate.fill(alpha * factor)  # another number each step, so not a constant
        if len(w) <= BLOCK:
            self._adam(w, g, m, v, vhat, b1, b2, eps, rate)
            return

        def run(part: slice) -> None:
            largest = None if vhat is None else vhat[part]
            self._adam(w[part], g[part], m[part], v[part], largest, b1, b2, eps, rate)

        if len(w) >= PARALLEL and type(w) is np.ndarray and (helper := _helper()) is not None:
            half = len(w) // 2
            second = helper.submit(_by_blocks, run, half, len(w), PARALLEL)
            _by_blocks(run, 0, half, PARALLEL)
            second.result()
        else:
            _by_blocks(run, 0, len(w), BLOCK)

    def _adam(
        self, w: Array, g: Array, m: Array, v: Array, vhat: Array | None,
        beta_1: Array, beta_2: Array, epsilon: Array, rate: Array,
    ) -> None:  # fmt: skip
        np.multiply(m, beta_1, m)
        np.add(m, g, m)
        np.multiply(g, g, g)
        np.multiply(v, beta_2, v)
        np.add(v, g, v)
        if vhat is not None:
            v = np.maximum(vhat, v, out=vhat)
        np.sqrt(v, g)
        np.add(g, epsilon, g)
        np.divide(m, g, g)
        np.multiply(g, rate, g)
        np.subtract(w, g, w)

    def rmsprop(
        self, w: Array, g: Array, v: Array, momentum_v: Array | None, average: Array | None,
        *, lr: float, rho: float, momentum: float, epsilon: float,
    ) -> None:  # fmt: skip
        """v = rho v + g²; w -= lr g / sqrt((1 - rho) v + eps), in place.

        v is the running mean without its factor (1 - rho), as in `adam`, and so is `average` (centered), the mean
        of g, whose square is taken off under the root. `momentum_v`: the step's own running sum,
        momentum * momentum_v + step. Uses g as work space.
        """
        share = 1 - rho
        eps = self.constant(epsilon / share, g)
        rate = self.work("rmsprop rate", eps)
        rate.fill(lr / math.sqrt(share))
        numbers = (self.constant(rho, g), self.constant(share, g), eps, self.constant(momentum, g), rate)
        work = self.work("rmsprop", g[:BLOCK])
        if len(w) <= BLOCK:
            self._rmsprop(w, g, v, momentum_v, average, work, *numbers)
            return
        for start in range(0, len(w), BLOCK):
            part = slice(start, start + BLOCK)
            mv, mean = (None if array is None else array[part] for array in (momentum_v, average))
            self._rmsprop(w[part], g[part], v[part], mv, mean, work[: len(w) - start], *numbers)

    def _rmsprop(
        self, w: Array, g: Array, v: Array, momentum_v: Array | None, average: Array | None, work: Array,
        rho: Array, share: Array, epsilon: Array, momentum: Array, rate: Array,
    ) -> None:  # fmt: skip
        np.multiply(g, g, work)
        np.multiply(v, rho, v)
        np.add(v, work, v)
        if average is None:
            np.add(v, epsilon, work)
        else:
            np.multiply(average, rho, average)
            np.add(average, g, average)
            np.multiply(average, average, work)
            np.multiply(work, share, work)
            np.subtract(v, work, work)
            np.add(work, epsilon, work)
        np.sqrt(work, work)
        np.divide(g, work, g)
        np.multiply(g, rate, g)
        if momentum_v is not None:
            np.multiply(momentum_v, momentum, momentum_v)
            np.add(momentum_v, g, momentum_v)
            g = momentum_v
        np.subtract(w, g, w)


def _by_blocks(run: Callable[[slice], None], start: int, stop: int, length: int) -> None:
    for first in range(start, stop, length):
        run(slice(first, min(first + length, stop)))


@cache
def _helper() -> ThreadPoolExecutor | None:
    """A second thread for long element-wise work, which NumPy does without holding Python's lock.

    None where there is one core, or where threads are limited to one by the variables that BLAS obeys.
    """
    limits = (os.environ.get(name) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores < 2 or "1" in limits:
        return None
    return ThreadPoolExecutor(1, "kexp-kernels", initializer=partial(np.seterr, all="ignore"))
