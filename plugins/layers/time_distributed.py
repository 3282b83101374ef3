"""TimeDistributed: applies a layer to every time step."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.activation import Activation
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.nesting import prefixed
from kexp.errors import ShapeError
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.wrapper import Wrapper


class TimeDistributed(Wrapper):
    """Applies `layer` to every time step, with the same weights.

    All time steps go through the layer as one batch; where it normalises by its batch (it has statistics that
    training changes), each time step is a batch of its own, as in Keras.
    Shapes: x (n, t, ...) -> y (n, t, ...).
    Raises: ShapeError if x has no axis besides batch and time.
    """

    supports_masking = True

    def ensure_built(self, input_shape: Any, *home: Any) -> None:
        if isinstance(input_shape, list) or len(input_shape) < 3:
            raise ShapeError(
                f"layer {self.name!r} (TimeDistributed) takes one input of shape (n, t, ...) with at least 3 axes. "
                f"Received: {input_shape}. "
                "If the layer before it is recurrent, give that layer `return_sequences: true`."
            )
        super().ensure_built(input_shape, *home)

    def build(self, input_shape: Any) -> None:
        super().build((input_shape[0], *input_shape[2:]))

    def check_input(self, input_shape: Any) -> None:
        self.layer.check_input((input_shape[0], *input_shape[2:]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = self.layer.compute_output_shape((input_shape[0], *input_shape[2:]))
        return (shape[0], input_shape[1], *shape[1:])

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        one = self.layer.flops(*((shape[0], *shape[2:]) for shape in (input_shape, output_shape)))
        return None if one is None or input_shape[1] is None else input_shape[1] * one

    @property
    def output_activation(self) -> Activation | None:  # type: ignore[override]
        """The layer's own, which a loss may take upon itself here too."""
        return self.layer.output_activation

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Array, Pullback]:
        self._check_mask(inputs[0], ctx)
        if ctx.training and any(not weight.learns for weight in self.layer.weights):
            return self._one_by_one(inputs[0], ctx)
        x, child = inputs[0], ctx.child("layer")
        child.skip_activation = ctx.skip_activation
        n, steps = x.shape[:2]
        mask = _mask(ctx)
        if mask is not None:
            child.masks = (mask.reshape(n * steps, *mask.shape[2:]),)
        y, pull = self.layer.forward(x.reshape(n * steps, *x.shape[2:]), ctx=child)

        def pullback(dy: Array) -> tuple[tuple[Array | None], dict[str, Array]]:
            (dx,), gradients = pull(dy.reshape(n * steps, *dy.shape[2:]))
            return (None if dx is None else dx.reshape(x.shape),), prefixed("layer", gradients)

        return y.reshape(n, steps, *y.shape[1:]), pullback

    def _check_mask(self, x: Array, ctx: Context) -> None:
        mask = None if ctx.masks is None else ctx.masks[0]
        if mask is not None and mask.shape[:2] != x.shape[:2]:
            raise ShapeError(f"layer {self.name!r}: a mask {mask.shape} does not fit sequences {x.shape}")

    def _one_by_one(self, x: Array, ctx: Context) -> tuple[Array, Pullback]:
        """One time step after the other, each with the statistics that the one before left behind."""
        outputs: list[Array] = []
        pulls: list[Pullback] = []
        updates: dict[str, Array] = {}
        mask = _mask(ctx)
        for step in range(x.shape[1]):
            child = ctx.child("layer", str(step))
            child.skip_activation = ctx.skip_activation
            if mask is not None:
                child.masks = (mask[:, step],)
            with _holding(self.layer, updates):
                y, pull = copy.copy(self.layer).forward(x[:, step], ctx=child)
            outputs.append(y)
            pulls.append(pull)
            updates = {name: value.copy() for name, value in child.updates.items()}

        def pullback(dy: Array) -> tuple[tuple[Array | None], dict[str, Array]]:
            total: dict[str, Array] = {}
            dxs = []
            for step, pull in enumerate(pulls):
                (dx,), gradients = pull(np.ascontiguousarray(dy[:, step]))
                dxs.append(dx)
                total = {key: total[key] + value if key in total else value for key, value in gradients.items()}
            dx = None if dxs[0] is None else np.stack(dxs, axis=1)
            return (dx,), prefixed("layer", total)

        return np.stack(outputs, axis=1), pullback


@contextmanager
def _holding(layer: Any, updates: Mapping[str, Array]) -> Iterator[None]:
    """Let the layer and the layers within it have other values for a while."""
    before = []
    for path, value in updates.items():
        *inner, name = path.split("/")
        owner = layer
        for key in inner:
            owner = owner._layers[key]
        before.append((owner, name, owner.__dict__[name]))
        owner.__dict__[name] = value
    try:
        yield
    finally:
        for owner, name, value in before:
            owner.__dict__[name] = value


def _mask(ctx: Context) -> Array | None:
    """The mask for the layer inside: what the mask has beyond batch and time."""
    mask = None if ctx.masks is None else ctx.masks[0]
    return mask if mask is not None and mask.ndim > 2 else None


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"time_distributed": TimeDistributed}
