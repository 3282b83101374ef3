"""Layer: the contract of everything that stands in a model."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, cast

import numpy as np

from kexp.autodiff import vjp
from kexp.backend import Array, Backend, NumpyBackend, settings
from kexp.core.activation import Activation
from kexp.core.component import Component, InitializerSpec, RegularizerSpec, resolve, snake_case
from kexp.core.context import Context, Pullback
from kexp.core.nesting import Nesting
from kexp.core.placed import Placed
from kexp.core.streams import Streams, next_root_seed
from kexp.core.weight import Weight
from kexp.errors import ArgumentError, ShapeError, StateError

Shape = tuple[int | None, ...]


class Layer(Nesting, Placed, Component):
    """Contract of layers.

    The constructor takes Keras' arguments and stores them. `build(input_shape)` creates weights with `add_weight`.
    Then one of two: `forward(*inputs, ctx)`, which returns (output, pullback), or `call(*inputs)`, plain array
    expressions from which the base class makes the pullback. Shapes have the batch axis first, None where the size
    is not known; a layer of several inputs is given a list of shapes.
    """

    kind: ClassVar[str] = "layer"
    min_ndim: ClassVar[int] = 1
    trainable_changes: ClassVar[int] = 0
    """How often any layer was frozen or released, so that a loop sees at a glance whether one was."""
    supports_masking: bool = False
    """Whether a mask of the input holds for the output (see `compute_mask`); else it ends here, as in Keras."""
    makes_mask: bool = False
    """Whether `compute_mask` gives a mask though no input has one."""
    output_activation: Activation | None = None
    """The activation that ends `forward` through `ctx.activate`, so that a loss may take it upon itself."""

    def __init__(
        self,
        *,
        name: str | None = None,
        trainable: bool = True,
        dtype: str | None = None,
        activity_regularizer: RegularizerSpec = None,
        input_shape: Sequence[int | None] | None = None,
        input_dim: int | None = None,
    ) -> None:
        if name is not None and (not isinstance(name, str) or not name or "/" in name):
            raise ArgumentError(f"a layer's name must be a non-empty text without '/'. Received: {name!r}")
        self.auto_named = name is None
        self.name = name or self.auto_name()
        self._trainable = trainable
        self.dtype = dtype or settings.floatx()
        self.activity_regularizer = resolve("regularizer", activity_regularizer)
        if input_dim is not None:
            input_shape = (input_dim,)
        self.declared_shape: Shape | None = None if input_shape is None else (None, *input_shape)
        self.built = False
        self.input_shape: Any = None
        self._weights: dict[str, Weight] = {}
        self._layers: dict[str, Layer] = {}
        self._parent: Layer | None = None
        self._home: tuple[Streams, Backend] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _marking_built(cls.__dict__["build"])  # type: ignore[method-assign]

    # --- what a layer's author writes -----------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Create the weights; does nothing unless overridden."""
        self.built, self.input_shape = True, input_shape

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Any, Pullback]:
        """The output, and the pullback dy -> (one cotangent per input, {weight name: gradient}).

        The pullback is pure. It holds until the weights are next updated, which happens in place, or the same
        context runs again.
        """
        call = self._bound_call(ctx)
        if not ctx.wants_pullback:
            return call(self, *inputs), _no_pullback
        names = [name for name, weight in self._weights.items() if weight.learns]
        shadow = copy.copy(self)  # carries the traced weights, so that self stays as it is

        def traced(*arguments: Array) -> Any:
            shadow.__dict__.update(zip(names, arguments[len(inputs) :], strict=True))
            return call(shadow, *arguments[: len(inputs)])

        y, pull = vjp(traced, *inputs, *(self.__dict__[name] for name in names))

        def pullback(dy: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
            cotangents = pull(dy)
            return cotangents[: len(inputs)], dict(zip(names, cotangents[len(inputs) :], strict=True))

        return y, pullback

    def call(self, *inputs: Array) -> Any:
        """The output as a plain array expression of inputs and weights; may take `training` or `ctx` by name."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(*inputs, ctx) or call(*inputs)")

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The output's shape; unless overridden, found by running the layer on zeros."""
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        results = []
        for unknown in (2, 3):  # an axis that follows the unknown sizes is unknown itself
            zeros = [
                self.backend.xp.zeros([unknown if n is None else n for n in shape], dtype=self.dtype)
                for shape in shapes
            ]
            y = self.forward(*zeros, ctx=Context(backend=self.backend, wants_pullback=False))[0]
            results.append([part.shape for part in y] if isinstance(y, tuple | list) else [y.shape])
        merged = [
            tuple(a if a == b else None for a, b in zip(*pair, strict=True)) for pair in zip(*results, strict=True)
        ]
        return merged if isinstance(y, tuple | list) else merged[0]

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        """The output's mask, given the inputs' masks (None where there is none): the first one, unless overridden."""
        return next((m for m in mask if m is not None), None) if isinstance(mask, list | tuple) else mask

    # --- weights --------------------------------------------------------------------------------------------

    def add_weight(
        self,
        name: str,
        shape: Sequence[int],
        initializer: InitializerSpec = "glorot_uniform",
        *,
        dtype: str | None = None,
        trainable: bool = True,
        regularizer: RegularizerSpec = None,
        constraint: Any = None,
    ) -> Array:
        """Create the weight `name`, which becomes the layer's attribute of that name; returns the array.

        Its start values are drawn from the stream of (model's seed, layer, weight).
        """
        if name in self._weights:
            raise ArgumentError(f"layer {self.name!r} has a weight called {name!r} already")
        if any(size is None for size in shape):
            raise ShapeError(
                f"layer {self.name!r}: weight {name!r} would have the shape {tuple(shape)}; "
                "the last axis of the input must be known. Give it by input_shape=..."
            )
        streams, backend = self._at_home()
        maker = resolve("initializer", initializer, where=f"{self.name}.{name}")
        stream = streams.get(self.path, f"weight {name}", seed=getattr(maker, "seed", None))
        value = (
            maker.sample(tuple(shape), stream) if hasattr(maker, "sample") else maker(tuple(shape), dtype=self.dtype)
        )
        self._weights[name] = Weight(
            self,
            name,
            backend.asarray(np.asarray(value, order="C"), dtype=dtype or self.dtype),
            learns=trainable,
            regularizer=resolve("regularizer", regularizer),
            constraint=resolve("constraint", constraint),
        )
        return self._weights[name].value

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights; may be set at any time and holds from the next step on."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self.family().values():
            layer._trainable = bool(value)
        Layer.trainable_changes += 1

    def count_params(self) -> int:
        """The number of weights, as single numbers."""
        if not self.built:
            raise StateError(f"layer {self.name!r} has no weights yet: its input shape is not known")
        return sum(weight.value.size for weight in self.weights)

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Overwrite all weights, in the order of `get_weights`."""
        assign_all(self.weights, weights, f"layer {self.name!r}")

    @property
    def backend(self) -> Backend:
        """The backend that the weights live on."""
        return self._at_home()[1]

    # --- use ------------------------------------------------------------------------------------------------

    def ensure_built(self, input_shape: Any, streams: Streams | None = None, backend: Backend | None = None) -> None:
        """Build for `input_shape` unless that was done; then check that the shape still fits."""
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        for shape in shapes:
            if len(shape) < self.min_ndim:
                raise ShapeError(
                    f"layer {self.name!r} ({type(self).__name__}) needs an input of at least {self.min_ndim} axes, "
                    f"the batch's included. Received: {shape}"
                )
        if self.built:
            self.check_input(input_shape)
            return
        if streams is not None:
            self._home = (streams, backend or NumpyBackend())
        self.build(input_shape)

    def check_input(self, input_shape: Any) -> None:
        """Raise ShapeError if a built layer cannot take `input_shape`: by default, if a known last axis changed."""
        if not self.weights or isinstance(input_shape, list) or isinstance(self.input_shape, list):
            return
        sizes = {input_shape[-1]} if self.input_shape is None else {self.input_shape[-1], input_shape[-1]}
        if None not in sizes and len(sizes) > 1:
            raise ShapeError(
                f"layer {self.name!r} ({type(self).__name__}) was built for inputs {self.input_shape}: "
                f"the last axis must be {self.input_shape[-1]}. Received: {input_shape}"
            )

    def __call__(self, *inputs: Any, training: bool = False, mask: Any = None) -> Any:
        """On symbolic tensors: the symbolic output. On arrays, with a mask or one for each: the output."""
        several = (
            len(inputs) == 1 and isinstance(inputs[0], list | tuple) and all(hasattr(x, "shape") for x in inputs[0])
        )
        flat = list(inputs[0]) if several else list(inputs)
        symbolic = next((x for x in flat if hasattr(x, "apply_layer")), None)
        if symbolic is not None:
            return symbolic.apply_layer(self, flat)
        arrays = [x if hasattr(x, "dtype") and x.dtype.kind == "f" else np.asarray(x, dtype=self.dtype) for x in flat]
        shapes = [(None, *array.shape[1:]) for array in arrays]
        self.ensure_built(shapes if len(shapes) > 1 else shapes[0])
        stream = self._at_home()[0].get(self.name, "call", seed=getattr(self, "seed", None))
        ctx = Context(training, backend=self.backend, stream=stream, wants_pullback=False)
        if mask is not None:
            ctx.masks = tuple(mask) if isinstance(mask, list | tuple) else (mask, *[None] * (len(arrays) - 1))
        return self.forward(*arrays, ctx=ctx)[0]

    @classmethod
    def auto_name(cls) -> str:
        """The name of a layer that is given none; a model adds a number to it."""
        return snake_case(cls.__name__)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return config | {"name": self.name, "trainable": self.trainable, "dtype": self.dtype}

    def _at_home(self) -> tuple[Streams, Backend]:
        if self._home is None:
            self._home = (Streams(next_root_seed()), NumpyBackend())
        return self._home

    def _bound_call(self, ctx: Context) -> Callable[..., Any]:
        wanted = _keywords_of_call(cast(Any, type(self)))
        extra = {key: value for key, value in (("training", ctx.training), ("ctx", ctx)) if key in wanted}
        function = cast(Callable[..., Any], type(self).call)
        return functools.partial(function, **extra) if extra else function


def assign_all(weights: Sequence[Weight], values: Sequence[Any], owner: str) -> None:
    """Assign values to weights one by one; none is changed if one does not fit."""
    if len(weights) != len(values):
        raise ShapeError(f"{owner} has {len(weights)} weights. Received: {len(values)} arrays")
    for weight, value in zip(weights, values, strict=True):
        if np.shape(value) != weight.shape:
            raise ShapeError(f"weight {weight.path!r} has the shape {weight.shape}. Received: {np.shape(value)}")
    for weight, value in zip(weights, values, strict=True):
        weight.assign(value)


def get_layer(spec: str | Mapping[str, Any]) -> Layer:
    """The layer that `spec` names."""
    layer: Layer = resolve("layer", spec)
    return layer


def _no_pullback(dy: Any) -> Any:
    raise StateError("this output was computed for inference, without a pullback")


def _marking_built(build: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(build)
    def marked(self: Layer, input_shape: Any) -> None:
        build(self, input_shape)
        self.built, self.input_shape = True, input_shape

    return marked


@functools.cache
def _keywords_of_call(cls: type[Layer]) -> frozenset[str]:
    return frozenset(inspect.signature(cls.call).parameters)
