"""Context: what a layer may use while it runs at one node of a graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from kexp.backend import Array, Backend, NumpyBackend

if TYPE_CHECKING:
    from kexp.core.activation import Activation

Pullback = Callable[[Any], Any]


def identity(dy: Array) -> Array:
    """The pullback of doing nothing."""
    return dy


class Context:
    """Training flag, backend, random stream, and where results may be written.

    One context belongs to one node, so a layer that stands at two nodes has two. Made without arguments it
    allocates everything anew; the engine's own reuse work arrays from step to step and write gradients in place.

    Attributes:
        training: whether this is a training step (dropout draws, batch normalization uses the batch).
        wants_pullback: False in inference; a layer may then return None as its pullback.
        wants_dx: False where nothing before this node learns; a pullback may then return None for its inputs.
        masks: one mask, or None, for each input; None if no input has one.
        updates: new values of non-trainable weights, by name; the engine writes them after the step.
        losses: scalars that are added to the loss; their gradient is the layer's own business.
    """

    __slots__ = (
        "_outs", "_work", "backend", "kernels", "losses", "masks", "reuse", "skip_activation",
        "stream", "training", "updates", "wants_dx", "wants_pullback",
    )  # fmt: skip

    def __init__(
        self,
        training: bool = False,
        *,
        backend: Backend | None = None,
        stream: np.random.Generator | None = None,
        wants_pullback: bool = True,
        wants_dx: bool = True,
        outs: dict[str, Array] | None = None,
        reuse: bool = False,
        skip_activation: bool = False,
    ) -> None:
        self.training = training
        self.backend = backend if backend is not None else NumpyBackend()
        self.kernels = self.backend.kernels
        self.stream = stream if stream is not None else np.random.default_rng(0)
        self.wants_pullback = wants_pullback
        self.wants_dx = wants_dx
        self.reuse = reuse
        self.skip_activation = skip_activation
        self.masks: tuple[Array | None, ...] | None = None
        self.updates: dict[str, Array] = {}
        self.losses: list[Array] = []
        self._outs = outs if outs is not None else {}
        self._work: dict[str, Array] = {}

    def out(self, weight: str) -> Array | None:
        """Where the gradient of `weight` may be written (then return that very array), or None."""
        return self._outs.get(weight)

    def work(self, name: str, shape: tuple[int, ...], dtype: Any) -> Array | None:
        """A work array kept for this node under `name`, for use as `out=`; None where arrays are not reused."""
        if not self.reuse:
            return None
        array = self._work.get(name)
        if array is not None and array.shape == shape and array.dtype is dtype:  # a dtype is one object, nearly always
            return array
        array = self._work[name] = self.backend.xp.empty(shape, dtype=dtype)
        return array

    def activate(self, activation: Activation | None, z: Array) -> tuple[Array, Pullback]:
        """activation(z) and its pullback; z itself where the loss takes the activation upon itself."""
        if activation is None or self.skip_activation:
            return z, identity
        return activation.forward(z, ctx=self)
