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
        self._constants: dict[tuple[float, Any, type], Array] = {}
        self._work: dict[tuple[str, Any, type], Array] = {}

    def constant(self, value: float, like: Array) -> Array:
        """`value` as an array of no axes on the device of `like`, in its dtype.

        NumPy takes such an operand faster than a Python number, and CuPy without a copy from the host.
        """
        key = (value, like.dtype, type(like))
        try:
            return self._constants[key]
        except KeyError:
            if len(self._constants) > 1000:  # a schedule makes a new number every step
                self._constants.clear()
            made = self._constants[key] = np.full_like(like, value, shape=())
            return made

    def work(self, name: str, like: Array) -> Array:
        """A work array as large as the vector `like`; its content is whatever the last user left."""
        key = (name, like.dtype, type(like))
        array = self._work.get(key)
        if array is None or array.shape != like.shape:
            array = self._work[key] = np.empty_like(like)
        return array

    def affine(self, x: Array, kernel: Array, bias: Array | None, out: Array | None = None) -> Array:
        """x (n, d) @ kernel (d, u) + bias (u,) -> (n, u)."""
        out = np.dot(x, kernel, out) if out is not None else x.dot(kernel)
        if bias is not None:
            np.add(out, bias, out=out)
        return out

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
        first, second = self.constant(1 - beta_1, g), self.constant(1 - beta_2, g)
        eps, rate = self.constant(epsilon, g), self.constant(alpha, g)
        for start in range(0, len(w), BLOCK):
            part = slice(start, start + BLOCK)
            wp, gp, mp, vp = w[part], g[part], m[part], v[part]
            work = self.work("adam", gp)
            np.subtract(gp, mp, out=work)
            np.multiply(work, first, out=work)
            np.add(mp, work, out=mp)
            np.multiply(gp, gp, out=gp)
            np.subtract(gp, vp, out=gp)
            np.multiply(gp, second, out=gp)
            np.add(vp, gp, out=vp)
            if vhat is not None:
                vp = np.maximum(vhat[part], vp, out=vhat[part])
            np.sqrt(vp, out=gp)
            np.add(gp, eps, out=gp)
            np.divide(mp, gp, out=gp)
            np.multiply(gp, rate, out=gp)
            np.subtract(wp, gp, out=wp)

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
