"""The hot functions, written once against NumPy's names: NumPy's own dispatch takes them to CuPy arrays.

Every function writes its result into `out` where it is given and returns it. Another version (compiled, fused)
is a class with the same methods that passes the same contract test.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any  # numpy.ndarray, cupy.ndarray or whatever follows NumPy's dispatch protocols

BLOCK = 8192  # elements: five float32 vectors of this length stay in a 256 KiB cache


class Kernels:
    """The reference kernels; holds the constants and work arrays that they reuse from step to step."""

    def __init__(self) -> None:
        self._constants: dict[tuple[float, int, type], Array] = {}
        self._work: dict[tuple[str, int], Array] = {}
        self._ones: dict[int, Array] = {}

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
            np.add(out, bias, out=out)
        return out

    def sum_rows(self, x: Array, out: Array | None = None) -> Array:
        """x (n, u) -> (u,): a product with ones, which BLAS does faster than NumPy adds rows."""
        n = len(x)
        ones = self._ones.get(n)
        if ones is None or ones.dtype is not x.dtype or type(ones) is not type(x):
            ones = self._ones[n] = np.full_like(x, 1, shape=(n,))
        return ones.dot(x, out)

    def sgd(self, w: Array, g: Array, *, lr: float) -> None:
        """w -= lr * g, in place. Uses g as work space."""
        np.multiply(g, self.constant(lr, g), out=g)
        np.subtract(w, g, out=w)

    def momentum(self, w: Array, g: Array, v: Array, *, lr: float, momentum: float, nesterov: bool) -> None:
        """v = momentum * v - lr * g; w += v (nesterov: w += momentum * v - lr * g). Uses g as work space."""
        rate = self.constant(momentum, g)
        np.multiply(g, self.constant(lr, g), out=g)
        np.multiply(v, rate, out=v)
        np.subtract(v, g, out=v)
        if nesterov:
            np.subtract(w, g, out=w)
            np.multiply(v, rate, out=g)
            np.add(w, g, out=w)
        else:
            np.add(w, v, out=w)

    def adam(
        self, w: Array, g: Array, m: Array, v: Array, vhat: Array | None,
        *, alpha: float, beta_1: float, beta_2: float, epsilon: float,
    ) -> None:  # fmt: skip
        """m += (g - m)(1 - b1); v += (g² - v)(1 - b2); w -= alpha * m / (sqrt(v) + eps), in place.

        With `vhat` (AMSGrad) the largest v so far stands in the last term. Uses g as work space.
        """
        numbers = [self.constant(1 - beta_1, g), self.constant(1 - beta_2, g), self.constant(epsilon, g)]
        rate = self.work("adam rate", numbers[0])
        rate.fill(alpha)  # another number each step, so not worth keeping as a constant
        if len(w) <= BLOCK:
            self._adam(w, g, m, v, vhat, *numbers, rate)
            return
        for start in range(0, len(w), BLOCK):
            part = slice(start, start + BLOCK)
            self._adam(w[part], g[part], m[part], v[part], None if vhat is None else vhat[part], *numbers, rate)

    def _adam(
        self, w: Array, g: Array, m: Array, v: Array, vhat: Array | None,
        first: Array, second: Array, epsilon: Array, rate: Array,
    ) -> None:  # fmt: skip
        work = self.work("adam", g)
        np.subtract(g, m, work)
        np.multiply(work, first, work)
        np.add(m, work, m)
        np.multiply(g, g, g)
        np.subtract(g, v, g)
        np.multiply(g, second, g)
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
        """v = rho v + (1 - rho) g²; w -= lr g / sqrt(v + eps), in place.

        `average` (centered): v less the square of the gradient's running mean. `momentum_v`: the step's own
        running sum, momentum * momentum_v + step. Uses g as work space.
        """
        keep, new, eps = self.constant(rho, g), self.constant(1 - rho, g), self.constant(epsilon, g)
        rate = self.constant(lr, g)
        for start in range(0, len(w), BLOCK):
            part = slice(start, start + BLOCK)
            wp, gp, vp = w[part], g[part], v[part]
            work = self.work("rmsprop", gp)
            np.multiply(gp, gp, out=work)
            np.multiply(work, new, out=work)
            np.multiply(vp, keep, out=vp)
            np.add(vp, work, out=vp)
            if average is None:
                np.add(vp, eps, out=work)
            else:
                ap = average[part]
                np.multiply(ap, keep, out=ap)
                np.multiply(gp, new, out=work)
                np.add(ap, work, out=ap)
                np.multiply(ap, ap, out=work)
                np.subtract(vp, work, out=work)
                np.add(work, eps, out=work)
            np.sqrt(work, out=work)
            np.divide(gp, work, out=gp)
            np.multiply(gp, rate, out=gp)
            if momentum_v is not None:
                mp = momentum_v[part]
                np.multiply(mp, self.constant(momentum, g), out=mp)
                np.add(mp, gp, out=mp)
                gp = mp
            np.subtract(wp, gp, out=wp)
