"""Gates: the activations of one step of a recurrent cell, worked out in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context
from kexp_plugins.activations.sigmoid import Sigmoid
from kexp_plugins.activations.tanh import Tanh


class Gates:
    """Activations side by side in one array: block k of the last axis, `units` wide, goes through activation k.

    Sigmoid and tanh, which nearly all have, are one call of tanh for all blocks: sigmoid(z) = tanh(z / 2) / 2 + 1/2.
    Others keep the pullback of each step.
    """

    def __init__(self, activations: Sequence[Activation | None], units: int, like: Array, ctx: Context) -> None:
        self.ctx = ctx
        self.blocks = [(slice(k * units, (k + 1) * units), f) for k, f in enumerate(activations) if f is not None]
        kinds = {type(activation) for activation in activations}
        self.fast = kinds <= {Sigmoid, Tanh}
        self.only_tanh = kinds == {Tanh}
        self.kept: dict[int, list[Any]] = {}
        if self.fast and not self.only_tanh:
            width = units * len(activations)
            self.half, self.shift = np.full_like(like, 1, shape=(width,)), np.full_like(like, 0, shape=(width,))
            for block, activation in self.blocks:
                if type(activation) is Sigmoid:
                    self.half[block], self.shift[block] = 0.5, 0.5

    def apply(self, step: int, z: Array) -> None:
        """Replace z (n, blocks * units) by its activations."""
        if self.only_tanh:
            np.tanh(z, out=z)
        elif self.fast:
            np.multiply(z, self.half, out=z)
            np.tanh(z, out=z)
            np.multiply(z, self.half, out=z)
            np.add(z, self.shift, out=z)
        else:
            self.kept[step] = []
            for block, activation in self.blocks:
                y, pullback = activation.forward(z[:, block].copy(), ctx=Context(backend=self.ctx.backend))
                self.kept[step].append(pullback)
                z[:, block] = y

    def pull(self, step: int, y: Array, dy: Array, work: Array) -> None:
        """Replace dy by the cotangent of what went into `apply`, which gave y; `work` is overwritten."""
        if not self.fast:
            for (block, _), pullback in zip(self.blocks, self.kept[step], strict=True):
                dy[:, block] = pullback(dy[:, block].copy())
            return
        np.multiply(y, y, out=work)
        if self.only_tanh:
            np.subtract(self.ctx.kernels.constant(1.0, y), work, out=work)
        else:  # sigmoid: y - y²; tanh: 1 - y²
            one = self.ctx.kernels.constant(1.0, y)
            for block, activation in self.blocks:
                part = work[:, block]
                np.subtract(y[:, block] if type(activation) is Sigmoid else one, part, out=part)
        np.multiply(dy, work, out=dy)
