"""GroupedConvolution: what Conv1D and Conv2D have in common."""

from __future__ import annotations

from typing import Any

from kexp.backend import Array
from kexp.core.component import positive_int
from kexp.core.context import Context
from kexp.errors import ArgumentError, ShapeError
from kexp_plugins.layers.convolution import Convolution, RowsPullback
from kexp_plugins.layers.convolving import Geometry, Patches, correlate, kernel_gradient, spread


class GroupedConvolution(Convolution):
    """A convolution with a kernel (kernel size, c / groups, filters): each group of filters sees its own channels."""

    kernel: Array

    def _set_kernel(self, filters: int, groups: int, initializer: Any, regularizer: Any, constraint: Any) -> None:
        self.filters = positive_int("filters", filters)
        self.groups = positive_int("groups", groups)
        if self.filters % self.groups:
            raise ArgumentError(f"filters must be a multiple of groups. Received: filters={filters}, groups={groups}")
        self.kernel_initializer = initializer
        self.kernel_regularizer = regularizer
        self.kernel_constraint = constraint
        self._refuse_strides_with_holes()

    def build(self, input_shape: Any) -> None:
        depth = self._known_channels(input_shape)
        self.add_weight(
            "kernel", (*self.kernel_size, depth // self.groups, self.filters), self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self._add_bias(input_shape)

    def _filters(self, depth: int) -> int:
        if depth % self.groups:
            raise ShapeError(
                f"layer {self.name!r} ({type(self).__name__}): {depth} channels cannot be shared out to "
                f"{self.groups} groups"
            )
        return self.filters

    def _convolve(self, image: Array, geo: Geometry, ctx: Context) -> tuple[Array, RowsPullback]:
        kernel = self.kernel.reshape(*geo.kernel, *self.kernel.shape[-2:])
        patches = Patches(image, geo, self.groups, ctx, "x")
        rows = correlate(patches, kernel, self.bias, ctx, "z")

        def pull(dz: Array) -> tuple[Array | None, dict[str, Array]]:
            gradients = {"kernel": kernel_gradient(patches, dz, ctx.out("kernel"), self.kernel.shape, ctx)}
            if not ctx.wants_dx:
                return None, gradients
            return spread(
                dz.reshape(len(image), *geo.out, self.filters), kernel, geo, self.groups, ctx, "dx"
            ), gradients

        return rows, pull
