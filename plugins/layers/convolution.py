"""Convolution: what the convolution layers have in common."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.errors import ArgumentError, ShapeError
from kexp_plugins.layers.activated import Activated
from kexp_plugins.layers.convolving import Geometry, extent, geometry, room
from kexp_plugins.layers.image_axes import (
    channels,
    chosen_format,
    chosen_padding,
    from_last,
    other_order,
    require_rank,
    sizes,
    spatial,
    to_last,
    with_axes,
)

RowsPullback = Callable[[Array], tuple[Array | None, dict[str, Array]]]


class Convolution(Activated):
    """Base of layers that move a kernel over sequences (rank 1) or images (rank 2).

    A subclass says how many channels come out, by `_filters`, and what happens to images (n, h, w, c), by
    `_convolve`. A sequence is an image of height 1.
    """

    casts_ints = True
    rank: ClassVar[int] = 2
    paddings: ClassVar[tuple[str, ...]] = ("valid", "same")
    bias: Array | None

    def _set_geometry(self, kernel_size: Any, strides: Any, padding: Any, data_format: Any, dilation_rate: Any) -> None:
        self.kernel_size = sizes("kernel_size", kernel_size, self.rank)
        self.strides = sizes("strides", strides, self.rank)
        self.dilation_rate = sizes("dilation_rate", dilation_rate, self.rank)
        self.padding = chosen_padding(padding, self.paddings)
        self.data_format = chosen_format(data_format)

    def _refuse_strides_with_holes(self) -> None:
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError(
                "strides above 1 and a dilation_rate above 1 do not go together. "
                f"Received: strides={self.strides}, dilation_rate={self.dilation_rate}"
            )

    def _set_output(self, activation: Any, use_bias: bool, initializer: Any, regularizer: Any, constraint: Any) -> None:
        self.activation = activation
        self.use_bias = use_bias
        self.bias_initializer = initializer
        self.bias_regularizer = regularizer
        self.bias_constraint = constraint
        self.bias = None

    def _add_bias(self, input_shape: Any) -> None:
        if self.use_bias:
            self.add_weight(
                "bias", (self._filters(self._known_channels(input_shape)),), self.bias_initializer,
                regularizer=self.bias_regularizer, constraint=self.bias_constraint,
            )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"data_format": self.data_format}

    # --- shapes ---------------------------------------------------------------------------------------------

    def _filters(self, depth: int) -> int:
        """The number of output channels for inputs of `depth` channels."""
        raise NotImplementedError

    def check_input(self, input_shape: Any) -> None:
        require_rank(self, input_shape, self.rank, self.data_format)
        depth, built = channels(input_shape, self.data_format), channels(self.input_shape, self.data_format)
        if depth is not None and depth != built:
            raise ShapeError(
                f"layer {self.name!r} ({type(self).__name__}) was built for {built} channels: inputs "
                f"{self.input_shape}. Received: {input_shape}" + other_order(input_shape, built, self.data_format)
            )

    def compute_output_shape(self, input_shape: Any) -> Any:
        require_rank(self, input_shape, self.rank, self.data_format)
        inner = spatial(input_shape, self.data_format)
        known = tuple(9999 if size is None else size for size in inner)
        out = self._out_size(known, input_shape)
        shown = tuple(None if size is None else n for size, n in zip(inner, out, strict=True))
        depth = channels(input_shape, self.data_format)
        return with_axes(input_shape[0], shown, None if depth is None else self._filters(depth), self.data_format)

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        places = spatial(output_shape, self.data_format)
        kernels = sum(weight.value.size for weight in self.weights if weight.name != "bias")
        return None if None in places else 2 * math.prod(places) * kernels

    def _known_channels(self, input_shape: Any) -> int:
        require_rank(self, input_shape, self.rank, self.data_format)
        depth = channels(input_shape, self.data_format)
        if depth is None:
            raise ShapeError(
                f"layer {self.name!r} ({type(self).__name__}) needs to know the number of channels. "
                f"Received: {input_shape}. Give it by input_shape=..."
            )
        self.compute_output_shape(input_shape)
        return int(depth)

    def _out_size(self, inner: tuple[int, ...], input_shape: Any) -> tuple[int, ...]:
        return self._geometry(inner, input_shape).out[-self.rank :]

    def _geometry(self, inner: tuple[int, ...], input_shape: Any) -> Geometry:
        """Where the patches lie in an input whose inner axes have the sizes `inner`."""
        size, kernel, strides, holes = map(pair, (inner, self.kernel_size, self.strides, self.dilation_rate))
        found = geometry(size, kernel, strides, holes, self.padding)
        if min(found.out) > 0:
            return found
        reach = tuple(map(extent, self.kernel_size, self.dilation_rate))
        over = f" (over {reach} with its holes)" if reach != self.kernel_size else ""
        raise ShapeError(
            f"layer {self.name!r} ({type(self).__name__}): a kernel of {self.kernel_size}{over} does not fit into "
            f"an input of {inner}. Received: {tuple(input_shape)}. Use padding='same', a smaller kernel or larger "
            "inputs." + other_order(input_shape, None, self.data_format)
        )

    # --- use ------------------------------------------------------------------------------------------------

    def _convolve(self, image: Array, geo: Geometry, ctx: Context) -> tuple[Array, RowsPullback]:
        """The output's rows (n h w, f), bias included, and dz (n h w, f) -> (dimage or None, gradients)."""
        raise NotImplementedError

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        (x,) = inputs
        require_rank(self, x.shape, self.rank, self.data_format)
        last = to_last(x, self.data_format)
        inner = last.shape[1:-1]
        geo = self._geometry(inner, x.shape)
        image = last if self.rank == 2 else last.reshape(len(last), 1, *last.shape[1:])
        rows, pull = self._convolve(image, geo, ctx)
        shape = (len(x), *self._out_size(inner, x.shape), rows.shape[-1])
        z = self._ordered(rows.reshape(shape), ctx)
        y, activation_pullback = ctx.activate(self.activation, z)

        def pullback(dy: Array) -> tuple[tuple[Array | None], dict[str, Array]]:
            dz = to_last(activation_pullback(dy), self.data_format).reshape(rows.shape)
            dimage, gradients = pull(dz)
            if self.bias is not None:
                gradients["bias"] = ctx.kernels.sum_rows(dz, ctx.out("bias"))
            if dimage is None:
                return (None,), gradients
            dx = dimage if self.rank == 2 else dimage.reshape(last.shape)
            return (from_last(dx, self.data_format),), gradients

        return y, pullback

    def _ordered(self, z: Array, ctx: Context) -> Array:
        """The output in the data format's order, in one piece: what comes next is quicker on such arrays."""
        if self.data_format == "channels_last":
            return z
        moved = from_last(z, self.data_format)
        whole = room(ctx, "z in order", moved.shape, z)
        whole[...] = moved
        return whole


def pair(inner: tuple[int, ...]) -> tuple[int, int]:
    """(t,) -> (1, t): a sequence as an image of height 1."""
    return (1, inner[0]) if len(inner) == 1 else (inner[0], inner[1])
