"""RecurrentCell: what the cells of recurrent layers have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array
from kexp.core.component import fraction, positive_int
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer, Shape
from kexp.errors import ShapeError
from kexp_plugins.layers.recurrent_products import Product, dropout_masks

Scan = tuple[Array, tuple[Array, ...], Callable[..., Any]]


class RecurrentCell(Layer):
    """A recurrent cell of `units` units: one step, x (n, d) and states (n, units) each -> output (n, units), states.

    As a layer it takes [x, *states] (states that are missing are 0) and gives [output, *states]. A recurrent layer
    calls `scan` instead, which runs it over whole sequences with the time axis first.
    """

    min_ndim = 2
    blocks: ClassVar[int] = 1
    """How many blocks of `units` columns the kernels have."""
    n_states: ClassVar[int] = 1

    def __init__(
        self, units: int, dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.units = positive_int("units", units)
        self.dropout = fraction("dropout", dropout)
        self.recurrent_dropout = fraction("recurrent_dropout", recurrent_dropout)
        self.seed = seed
        self.kernel: Array
        self.recurrent_kernel: Array
        self.bias: Array | None = None

    @property
    def state_size(self) -> int | list[int]:
        """The width of each state."""
        return self.units if self.n_states == 1 else [self.units] * self.n_states

    @property
    def output_size(self) -> int:
        """The width of the output."""
        return self.units

    def _keep_weight_arguments(self, given: dict[str, Any]) -> None:
        """Store the constructor's arguments about weights, under their names."""
        for part in ("kernel", "recurrent", "bias"):
            for what in ("initializer", "regularizer", "constraint"):
                setattr(self, f"{part}_{what}", given[f"{part}_{what}"])

    def build(self, input_shape: Any) -> None:
        shape: Shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        width = self.blocks * self.units
        self._add("kernel", "kernel", (shape[-1], width))  # type: ignore[arg-type]
        self._add("recurrent_kernel", "recurrent", (self.units, width))
        if self.use_bias:
            self._add("bias", "bias", self.bias_shape())

    use_bias: bool = True

    def bias_shape(self) -> tuple[int, ...]:
        """The shape of the bias."""
        return (self.blocks * self.units,)

    def _add(self, name: str, part: str, shape: tuple[int, ...]) -> None:
        self.add_weight(
            name, shape, getattr(self, f"{part}_initializer"),
            regularizer=getattr(self, f"{part}_regularizer"), constraint=getattr(self, f"{part}_constraint"),
        )  # fmt: skip

    def check_input(self, input_shape: Any) -> None:
        super().check_input(input_shape[0] if isinstance(input_shape, list) else input_shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        return [(shape[0], self.units)] * (1 + self.n_states)

    def __call__(self, *inputs: Any, states: Any = None, **kwargs: Any) -> Any:
        """cell(x, states) -> (output, states), as in Keras; or the layer's own form, cell([x, *states])."""
        x, *more = inputs
        if states is None and len(more) == 1 and isinstance(more[0], list | tuple):
            states = more[0]
        if states is None:
            return super().__call__(*inputs, **kwargs)
        output, *new = super().__call__([x, *states], **kwargs)
        return output, new

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        return 2 * sum(int(weight.value.size) for weight in self.weights if weight.name.endswith("kernel"))

    def forward(self, *inputs: Array, ctx: Context) -> tuple[list[Array], Pullback]:
        x, *given = inputs
        states = given or [np.full_like(x, 0, shape=(len(x), self.units)) for _ in range(self.n_states)]
        outputs, finals, pull = self.scan(x[None], states, None, ctx)

        def pullback(dy: Sequence[Array]) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            dx, dstates, gradients = pull([dy[0]], dy[1:])
            return (None if dx is None else dx[0], *dstates[: len(given)]), gradients

        return [outputs[0], *finals], pullback

    def scan(self, x: Array, states: Sequence[Array], keep: Array | None, ctx: Context) -> Scan:
        """Run over a sequence: x (t, n, d), states (n, units) -> outputs (t, n, units), last states, and a pullback.

        Where keep (t, n, 1) is False, output and states stay as they were. The pullback takes a cotangent, or None,
        for each step's output and for each last state; it returns the cotangents of x and the states, and the
        gradients by name.
        """
        raise NotImplementedError(f"{type(self).__name__} must define scan")

    def products(self, x: Array, ctx: Context, *, shared: bool = False) -> tuple[Product, Any]:
        """The product with the kernel, and the recurrent dropout masks.

        As in Keras each block has masks of its own if `recurrent_dropout` is used, else they share one (`shared`).
        """
        n, d = x.shape[1:]
        count = self.blocks if self.recurrent_dropout and not shared else 1
        masks = dropout_masks(ctx, self.dropout, (n, d), count, x)
        recurrent = dropout_masks(ctx, self.recurrent_dropout, (n, self.units), count, x)
        return Product(self.kernel, masks, ctx, "input"), recurrent


def check_state(cell: Layer, states: Sequence[Array], count: int) -> None:
    """Raise ShapeError unless there are `count` states."""
    if len(states) != count:
        raise ShapeError(f"layer {cell.name!r} has {count} states. Received: {len(states)}")
