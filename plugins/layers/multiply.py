"""Multiply: the product of its inputs."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context
from kexp.core.layer import Layer
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.merging import Gradients, Merge


class Multiply(Merge):
    """The product of all inputs, element by element. Shapes: a list of x (n, ...) that broadcast -> y (n, ...)."""

    def merge(self, inputs: list[Array], ctx: Context) -> tuple[Array, Gradients]:
        y = inputs[0]
        for x in inputs[1:]:
            y = y * x

        def back(dy: Array) -> tuple[Array, ...]:
            cotangents = [dy]
            for k, x in enumerate(inputs[1:], start=1):
                before = inputs[0]
                for other in inputs[1:k]:
                    before = before * other
                cotangents = [d * x for d in cotangents]
                cotangents.append(dy * before)
            return tuple(cotangents)

        return y, back

    def merge_masked(self, inputs: list[Array], masks: list[Array | None]) -> Array:
        """Steps that a mask leaves out count as 1, or as 0 where all masks leave them out."""
        seen = [
            x if mask is None else np.where(mask, x, np.full_like(x, 1)) for x, mask in zip(inputs, masks, strict=True)
        ]
        y: Array = functools.reduce(np.multiply, seen)
        known = [mask for mask in masks if mask is not None]
        if len(known) < len(masks):
            return y
        return np.where(functools.reduce(np.logical_or, known), y, np.zeros_like(y))


def multiply(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """The product of `inputs`, tensors or arrays: `Multiply(**kwargs)(inputs)`."""
    return Multiply(**kwargs)(list(inputs))


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"multiply": Multiply}
