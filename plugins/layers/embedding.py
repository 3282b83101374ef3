"""Embedding: a learned vector for each of a number of things that are given by their index."""

from __future__ import annotations

from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.component import ConstraintSpec, InitializerSpec, RegularizerSpec, positive_int
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.errors import DataError
from kexp.hookspecs import hookimpl


class Embedding(Layer):
    """y = embeddings[x], with x whole numbers from 0 to input_dim - 1.

    With `mask_zero` index 0 means 'nothing there', and the output carries a mask. `weights`: a matrix, or a list with
    one, to start from. `input_length`, which Keras 2 had, is accepted and has no effect.

    Shapes: x (n, ...) -> y (n, ..., output_dim); embeddings (input_dim, output_dim).
    Raises: DataError for an index outside of the range (not on a GPU, which would have to wait for the answer).
    """

    flops_per_value = 0
    input_dtype = "int32"

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: InitializerSpec = "uniform",
        embeddings_regularizer: RegularizerSpec = None,
        embeddings_constraint: ConstraintSpec = None,
        mask_zero: bool = False,
        weights: Any = None,
        input_length: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.input_dim = positive_int("input_dim", input_dim)
        self.output_dim = positive_int("output_dim", output_dim)
        self.embeddings_initializer = embeddings_initializer
        self.embeddings_regularizer = embeddings_regularizer
        self.embeddings_constraint = embeddings_constraint
        self.mask_zero = mask_zero
        self.supports_masking = self.makes_mask = mask_zero
        self._start = None if weights is None else weights if isinstance(weights, list | tuple) else [weights]
        self._arguments = _without_weights(*self._arguments)
        self.embeddings: Array

    def build(self, input_shape: Any) -> None:
        self.add_weight(
            "embeddings", (self.input_dim, self.output_dim), self.embeddings_initializer,
            regularizer=self.embeddings_regularizer, constraint=self.embeddings_constraint,
        )  # fmt: skip
        if self._start is not None:
            self.set_weights(self._start)
            self._start = None

    def check_input(self, input_shape: Any) -> None:
        """Any shape will do."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape, self.output_dim)

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        return inputs != 0 if self.mask_zero else None

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        indices = (x if x.dtype.kind in "iu" else x.astype(np.int32)).reshape(-1)
        shape = (*x.shape, self.output_dim)
        if isinstance(indices, np.ndarray):
            self._require_in_range(indices)
            out = ctx.work("y", (indices.size, self.output_dim), self.embeddings.dtype)
            y = np.take(self.embeddings, indices, axis=0, out=out, mode="clip")  # 'raise' would copy `out`
        else:
            y = self.embeddings[indices]

        def pullback(dy: Array) -> tuple[tuple[Array | None], dict[str, Array]]:
            gradient = ctx.out("embeddings")
            gradient = np.empty_like(self.embeddings) if gradient is None else gradient
            gradient.fill(0)
            columns = ctx.backend.xp.arange(self.output_dim)
            places = indices.reshape(-1, 1).astype(columns.dtype) * self.output_dim + columns
            # NumPy adds at places of one axis several times faster than at rows
            np.add.at(gradient.reshape(-1), places.reshape(-1), dy.reshape(-1))
            return (np.zeros_like(x) if x.dtype.kind == "f" else None,), {"embeddings": gradient}

        return y.reshape(shape), pullback

    def _require_in_range(self, indices: Array) -> None:
        if not indices.size:
            return
        low, high = indices.min(), indices.max()
        if low < 0 or high >= self.input_dim:
            raise DataError(
                f"layer {self.name!r} (Embedding) has vectors for the indices 0 to {self.input_dim - 1}. "
                f"Received: {low if low < 0 else high}"
            )


def _without_weights(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The constructor's arguments for a config, which does not hold start values; `weights` is number 7."""
    return args[:6], {name: value for name, value in kwargs.items() if name != "weights"}


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"embedding": Embedding}
