"""InputLayer: states the shape of a model's input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.errors import ArgumentError
from kexp.hookspecs import hookimpl


class InputLayer(Layer):
    """Passes its input on; its `shape` (without the batch axis) is that of the model's input.

    `batch_shape` has the batch axis first. A leading None in `shape` stands for the batch axis when the data have
    that rank, else for an axis of unknown size, such as time.
    Shapes: x (n, *shape) -> the same.
    """

    flops_per_value = 0
    keeps_dtype = True
    supports_masking = True

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: str | None = None,
        batch_shape: Sequence[int | None] | None = None,
        name: str | None = None,
        input_shape: Sequence[int | None] | None = None,
        **kwargs: Any,
    ) -> None:
        wrong = next((s for s in (shape, batch_shape, input_shape) if not isinstance(s, list | tuple | None)), None)
        if wrong is not None:
            hint = f": ({wrong},) with its comma" if isinstance(wrong, int) else ""
            raise ArgumentError(f"the shape of an InputLayer must be a tuple of sizes{hint}. Received: {wrong!r}")
        given = [s for s in (shape, input_shape, None if batch_shape is None else batch_shape[1:]) if s is not None]
        if len(given) != 1:
            raise ArgumentError("InputLayer needs its shape: give one of shape, batch_shape, input_shape")
        super().__init__(name=name, dtype=dtype, input_shape=tuple(given[0]), **kwargs)
        self.leading_none = batch_shape is None and len(given[0]) > 0 and given[0][0] is None

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        def pullback(dy: Array) -> tuple[tuple[Array], dict[str, Array]]:
            return (dy,), {}

        return inputs[0], pullback


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"input_layer": InputLayer, "input": InputLayer}
