"""Placed: what a layer knows of its place in a model, once it was called on symbolic tensors."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from kexp.errors import StateError


class Placed:
    """The symbolic input and output of a layer, of its last use where it stands at several places."""

    name: str
    node: Any = None
    """The last use of the layer in a graph, or None."""
    seen: Any = None
    """The shapes of input and output of its first use in the `call` of another layer or model, or None."""
    drawn_alone: bool = False
    """Whether the weights were drawn by a call on a symbolic tensor, before any model took the layer."""

    @property
    def input(self) -> Any:
        """The symbolic input, or the list of them."""
        return _one_or_all(self._placed().inputs)

    @property
    def output(self) -> Any:
        """The symbolic output, or the list of them."""
        return _one_or_all(self._placed().outputs)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, batch axis first, or the list of them."""
        return _one_or_all([tensor.shape for tensor in self._placed().outputs])

    flops_per_value: ClassVar[int | None] = None
    """Operations for each number of the output, where `flops` is not overridden; None where nobody counted them."""

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        """Operations for one sample when predicting; None where nobody has counted them, or a size is not known.

        A multiplication, an addition, a comparison or a function such as exp is one, a product with its addition two.
        Layers with kernels count their products alone, without biases and activations.
        """
        sizes = values_in(output_shape)
        return None if self.flops_per_value is None or sizes is None else self.flops_per_value * sizes

    def _placed(self) -> Any:
        if self.node is None:
            raise StateError(f"layer {self.name!r} stands in no model yet, so it has no input and no output")
        return self.node


def values_in(shape: Any) -> int | None:
    """How many numbers a sample of this shape has, the batch axis left out, or samples of several shapes together."""
    shapes = shape if isinstance(shape, list) else [shape]
    counts = [None if None in one[1:] else math.prod(one[1:]) for one in shapes]
    return None if None in counts else sum(count or 0 for count in counts)


def _one_or_all(values: Any) -> Any:
    return values[0] if len(values) == 1 else list(values)
