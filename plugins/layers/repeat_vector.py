"""RepeatVector: each sample n times, as the steps of a sequence."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.component import positive_int
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.pooling import require_ndim


class RepeatVector(Layer):
    """The vector of each sample at each of `n` steps. Shapes: x (n, d) -> y (n, steps, d)."""

    flops_per_value = 0
    keeps_dtype = True

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = positive_int("n", n)

    def compute_output_shape(self, input_shape: Any) -> Any:
        require_ndim(self, input_shape, 2)
        return (input_shape[0], self.n, input_shape[1])

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        require_ndim(self, x.shape, 2)

        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (dy.sum(1),), {}

        return np.repeat(x.reshape(len(x), 1, x.shape[1]), self.n, axis=1), pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"repeat_vector": RepeatVector}
