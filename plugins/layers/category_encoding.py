"""CategoryEncoding: whole numbers as one-hot, multi-hot or count vectors."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kexp.backend import Array
from kexp.core.component import one_of, positive_int
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.encoding import encoded, encoded_shape


class CategoryEncoding(Layer):
    """Tokens 0 ... num_tokens - 1 as vectors of `num_tokens` numbers.

    one_hot: each token becomes a vector; multi_hot: each sample becomes one with a 1 for each token in it; count: with
    how often it is in it, or the sum of `count_weights`, an array like the input, given in the call.
    Shapes: x (n, t) -> (n, num_tokens); one_hot: (n, t) -> (n, t, num_tokens), (n, 1) and (n,) -> (n, num_tokens).
    Raises: DataError for a token outside of the range (not on a GPU, which would have to wait for the answer).
    """

    flops_per_value = 0
    input_dtype = "int32"
    call_options = ("count_weights",)

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: Literal["multi_hot", "one_hot", "count", "binary"] = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if sparse:
            raise ArgumentError(f"sparse is not supported: it must be False. Received: {sparse!r}")
        self.num_tokens = positive_int("num_tokens", num_tokens)
        mode = one_of("output_mode", output_mode, ("multi_hot", "one_hot", "count", "binary"))
        self.output_mode = "multi_hot" if mode == "binary" else mode

    def check_input(self, input_shape: Any) -> None:
        """Any shape will do."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        return encoded_shape(input_shape, self.output_mode, self.num_tokens)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        weights = ctx.options.get("count_weights")
        if weights is not None and self.output_mode != "count":
            raise ArgumentError(f"count_weights is for output_mode 'count'. This layer has {self.output_mode!r}")
        weights = weights if weights is None else ctx.backend.asarray(weights, dtype=self.dtype)
        indices = x if x.dtype.kind in "iu" else x.astype(np.int64)
        if isinstance(x, np.ndarray) and x.size:
            self._require_in_range(x, indices)
        y = encoded(indices, self.output_mode, self.num_tokens, self.dtype, ctx, weights)

        def pullback(dy: Array) -> tuple[tuple[Array | None], dict[str, Array]]:
            return (np.zeros_like(x) if x.dtype.kind == "f" else None,), {}

        return y, pullback

    def _require_in_range(self, x: Array, indices: Array) -> None:
        wrong = (indices < 0) | (indices >= self.num_tokens) | (indices != x)
        if wrong.any():
            raise DataError(
                f"layer {self.name!r} (CategoryEncoding) takes whole numbers from 0 to {self.num_tokens - 1}. "
                f"Received: {x[wrong][0]}"
            )


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"category_encoding": CategoryEncoding}
