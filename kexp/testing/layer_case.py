"""LayerCase: one layer under test, with the inputs, weights and contexts that the checks give it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from kexp.backend import Array, Backend, settings
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.streams import Streams
from kexp.core.weight import Weight
from kexp.errors import ArgumentError
from kexp.testing.arrays import Host, assembled, host, is_float, moved, parts
from kexp.testing.report import Subject

Inputs = Callable[[np.random.Generator], Any]


class Batch(NamedTuple):
    """The inputs of one call, and one mask or None for each of them."""

    inputs: list[Array]
    masks: list[Array | None]

    def rows(self, part: slice) -> Batch:
        """Some of its rows."""
        return Batch([x[part] for x in self.inputs], [None if mask is None else mask[part] for mask in self.masks])

    def on(self, backend: Backend | None) -> Batch:
        """The same on the backend's device."""
        return Batch(moved(backend, self.inputs), moved(backend, self.masks))


class Run(NamedTuple):
    """One forward pass: what came out, and the context it ran in."""

    output: Any
    pullback: Pullback
    ctx: Context
    subject: Subject

    @property
    def parts(self) -> list[Array]:
        """The arrays of the output."""
        return parts(self.output)

    def back(self, cotangents: Sequence[Array]) -> tuple[list[Array | None], dict[str, Array]]:
        """The pullback's two results: a cotangent for each input, the gradients by name; an error is a failure."""
        with self.subject.running():
            dx, gradients = self.pullback(assembled(self.output, cotangents))
            return list(dx), dict(gradients)


@dataclass(frozen=True)
class LayerCase:
    """A maker of layers and what is needed to run what it makes."""

    make: Callable[[], Layer]
    input_shape: Any
    inputs: Inputs | None = None
    training: Sequence[bool] = (False, True)
    seed: int = 0
    rtol: float = 1e-5
    subject: Subject = field(init=False)

    def __post_init__(self) -> None:
        with Subject("the layer's maker").running():
            made = self.make()
        object.__setattr__(self, "subject", Subject(type(made).__name__))
        if any(shape[0] is None or shape[0] < 2 for shape in self.shapes):
            raise ArgumentError(f"input_shape must have a batch axis of at least 2. Received: {self.input_shape}")

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The inputs' shapes, batch axis first."""
        return list(self.input_shape) if isinstance(self.input_shape, list) else [tuple(self.input_shape)]

    def modes(self) -> Iterator[tuple[bool, Subject]]:
        """Training and not, with the subject for failures."""
        for training in self.training:
            yield training, self.subject.at(f"training={training}")

    def layer(self, dtype: str = "float64", backend: Backend | None = None, made: Layer | None = None) -> Layer:
        """A built layer with weights that are the same on every call, and nowhere special such as 0."""
        with self.subject.at("build").running(), floatx(dtype):
            layer = self.make() if made is None else made
            layer.dtype = dtype
            shapes = [(None, *shape[1:]) for shape in self.shapes]
            layer.ensure_built(shapes if len(shapes) > 1 else shapes[0], Streams(self.seed), backend)
            layer.set_weights([self._generic(place, weight) for place, weight in enumerate(layer.weights)])
        return layer

    def batch(self, draw: int = 0, dtype: str = "float64") -> Batch:
        """Random inputs; another `draw` gives others."""
        rng = self.stream(1, draw)
        if self.inputs is None:
            entries = [rng.standard_normal(shape) for shape in self.shapes]
        else:
            given = self.inputs(rng)
            entries = list(given) if isinstance(given, list | tuple) else [given]
        pairs = [entry if isinstance(entry, tuple) else (entry, None) for entry in entries]
        arrays = [np.asarray(x) for x, _ in pairs]
        return Batch([x.astype(dtype) if is_float(x) else x for x in arrays], [mask for _, mask in pairs])

    def context(self, training: bool, batch: Batch, make: Callable[..., Context] = Context, **options: Any) -> Context:
        """A context for `batch`; its random stream starts at the same place every time."""
        ctx = make(training, stream=self.stream(2), **options)
        ctx.masks = tuple(batch.masks) if any(mask is not None for mask in batch.masks) else None
        return ctx

    def run(self, layer: Layer, batch: Batch, training: bool, subject: Subject, **options: Any) -> Run:
        """Forward through `layer`; an error becomes a failure."""
        return self.forward(layer, batch, self.context(training, batch, **options), subject)

    def forward(self, layer: Layer, batch: Batch, ctx: Context, subject: Subject) -> Run:
        """Forward in a given context."""
        with subject.running():
            result = layer.forward(*batch.inputs, ctx=ctx)
        subject.require(isinstance(result, tuple) and len(result) == 2, "forward must return (output, pullback)")
        return Run(result[0], result[1], ctx, subject)

    def cotangents(self, outputs: Sequence[Array], draw: int = 0) -> list[Host]:
        """Random cotangents like the outputs; of an output without a derivative, zeros."""
        rng = self.stream(3, draw)
        made = [
            rng.standard_normal(y.shape).astype(y.dtype) if is_float(y) else np.zeros_like(host(y)) for y in outputs
        ]
        return [np.asarray(dy) for dy in made]

    def differentiable(self) -> bool:
        """Whether there is a derivative: an output that is a floating-point number."""
        batch, training = self.batch(), self.training[0]
        return any(map(is_float, self.run(self.layer(), batch, training, self.subject).parts))

    def stream(self, *purpose: int) -> np.random.Generator:
        """A random stream for one purpose."""
        return np.random.default_rng([self.seed, *purpose])

    def _generic(self, place: int, weight: Weight) -> Host:
        rng, value = self.stream(4, place), weight.numpy()
        if not is_float(value):
            return value
        if weight.learns:
            return np.asarray(value + 0.3 * rng.standard_normal(value.shape))
        scale, shift = rng.uniform(0.5, 1.5, value.shape), rng.uniform(0.0, 0.2, value.shape)
        return np.asarray(value * scale + shift)  # a variance stays above 0


@contextlib.contextmanager
def floatx(dtype: str) -> Iterator[None]:
    """Make new layers of `dtype` inside the `with`."""
    before = settings.floatx()
    settings.set_floatx(dtype)
    try:
        yield
    finally:
        settings.set_floatx(before)


def learning(layer: Layer) -> list[Weight]:
    """The weights that are made to learn."""
    return [weight for weight in layer.weights if weight.learns]


def outputs(run: Run) -> list[tuple[str, Array]]:
    """A run's outputs with names for failures."""
    return [(f"output {place}" if len(run.parts) > 1 else "output", y) for place, y in enumerate(run.parts)]


def named(dx: list[Array | None], gradients: dict[str, Array]) -> list[tuple[str, Array]]:
    """A pullback's results with names for failures."""
    cotangents = [(f"cotangent of input {place}", d) for place, d in enumerate(dx) if d is not None]
    return cotangents + [(f"gradient of {name!r}", gradient) for name, gradient in gradients.items()]
