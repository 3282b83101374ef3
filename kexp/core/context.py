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
        masks: one mask, or None, for each input, True where a value counts; None if no input has one.
        options: further arguments of the call, arrays and plain values, by name (see `Layer.call_options`).
        updates: new values of non-trainable weights, by name; the engine writes them after the step.
        losses: scalars that are added to the loss; their gradient is the layer's own business.
    """

    __slots__ = (
        "_children", "_outs", "_streams", "_work", "backend", "kernels", "losses", "masks", "options", "reuse",
        "skip_activation", "stream", "training", "updates", "wants_dx", "wants_pullback",
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
        streams: Callable[[str], np.random.Generator] | None = None,
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
        self.options: dict[str, Any] = {}
        self.updates: dict[str, Array] = {}
        self.losses: list[Array] = []
        self._outs = outs if outs is not None else {}
        self._work: dict[str, tuple[tuple[int, ...], Any, Array]] = {}
        self._streams = streams
        self._children: dict[str, Context] = {}

    def out(self, weight: str) -> Array | None:
        """Where the gradient of `weight` may be written (then return that very array), or None."""
        return self._outs.get(weight)

    def work(self, name: str, shape: tuple[int, ...], dtype: Any) -> Array | None:
        """A work array kept for this node under `name`, for use as `out=`; None where arrays are not reused.

        Nor is the row of a batch of one: NumPy makes so small an array in less time than the look-up takes.
        """
        if not self.reuse or (shape[0] == 1 and len(shape) == 2):
            return None
        kept = self._work.get(name)
        if kept is not None and kept[0] == shape and kept[1] is dtype:  # a dtype is one object, nearly always
            return kept[2]
        array = self.backend.xp.empty(shape, dtype=dtype)
        self._work[name] = (shape, dtype, array)
        return array

    def activate(self, activation: Activation | None, z: Array) -> tuple[Array, Pullback]:
        """activation(z) and its pullback; z itself where the loss takes the activation upon itself."""
        if activation is None or self.skip_activation:
            return z, identity
        return activation.forward(z, ctx=self)

    def child(self, name: str, use: str = "", *, wants_dx: bool | None = None) -> Context:
        """The context for the inner layer `name`: own work arrays and random stream, its part of `out`.

        An inner layer that runs several times in one pass has a context for each `use`; one behind another inner
        layer needs `wants_dx=True`.
        """
        key = f"{name} {use}"
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._new_child(name, shared=not use)
        if self._streams is None:
            child.stream = self.stream
        child.masks, child.losses = None, self.losses
        child.wants_dx = self.wants_dx if wants_dx is None else wants_dx
        return child

    def _new_child(self, name: str, *, shared: bool) -> Context:
        prefix, streams = f"{name}/", self._streams
        child = type(self)(
            self.training,
            backend=self.backend,
            stream=self.stream if streams is None else streams(name),
            wants_pullback=self.wants_pullback,
            wants_dx=self.wants_dx,
            outs={key.removeprefix(prefix): out for key, out in self._outs.items() if key.startswith(prefix)}
            if shared
            else None,
            streams=None if streams is None else lambda path: streams(prefix + path),
        )
        child.reuse = self.reuse
        child.updates = _Updates(self, prefix)
        return child


class _Updates(dict[str, Any]):
    """The updates of an inner layer, which are its parent's under their paths."""

    def __init__(self, parent: Context, prefix: str) -> None:
        super().__init__()
        self.parent, self.prefix = parent, prefix

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        self.parent.updates[self.prefix + name] = value
