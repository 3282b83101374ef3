"""Layer: the contract of everything that stands in a model."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array, Backend, NumpyBackend, settings
from kexp.core.activation import Activation
from kexp.core.calling import Calling
from kexp.core.component import Component, InitializerSpec, RegularizerSpec, resolve, snake_case
from kexp.core.composite import Composite
from kexp.core.constraint import get_constraint
from kexp.core.input_spec import check_specs
from kexp.core.nesting import Nesting
from kexp.core.placed import Placed
from kexp.core.regularizer import get_regularizer
from kexp.core.streams import Streams, next_root_seed
from kexp.core.weight import Weight
from kexp.errors import ArgumentError, ShapeError, StateError

Shape = tuple[int | None, ...]


class Layer(Calling, Composite, Nesting, Placed, Component):
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
    input_spec: Any = None
    """An `InputSpec`, or a list with one for each input, that the inputs' shapes are checked by."""
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
        self.dtype = _dtype_name(dtype or settings.floatx())
        self.activity_regularizer = get_regularizer(activity_regularizer, f"{self.name}.activity_regularizer")
        if input_dim is not None:
            input_shape = (input_dim,)
        self.declared_shape: Shape | None = None if input_shape is None else (None, *_sizes(input_shape))
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

    def call(self, *inputs: Array) -> Any:
        """The output as a plain array expression of inputs and weights; may take `training` or `ctx` by name."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(*inputs, ctx) or call(*inputs)")

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
                "the sizes it takes from the input must be known. Give them by input_shape=..."
            )
        streams, backend = self._at_home()
        maker = resolve("initializer", initializer, where=f"{self.name}.{name}")
        if not callable(maker):
            raise ArgumentError(
                f"an initializer must be a name, a mapping with 'type', an object or a function "
                f"(at {self.name}.{name}). Received: {initializer!r}"
            )
        stream = streams.get(self.path, f"weight {name}", seed=getattr(maker, "seed", None))
        value = (
            maker.sample(tuple(shape), stream) if hasattr(maker, "sample") else maker(tuple(shape), dtype=self.dtype)
        )
        self._weights[name] = Weight(
            self,
            name,
            backend.asarray(np.asarray(value, order="C"), dtype=dtype or self.dtype),
            learns=trainable,
            regularizer=get_regularizer(regularizer, f"{self.name}.{name}"),
            constraint=get_constraint(constraint, f"{self.name}.{name}"),
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
        if self.input_spec is not None:
            check_specs(self, shapes)
        if self.built:
            self.check_input(input_shape)
            return
        if streams is not None:
            self._home = (streams, backend or NumpyBackend())
        self.build(input_shape)
        self.build_inner(input_shape)
        if self.input_spec is not None:  # `build` may have set it
            check_specs(self, shapes)

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


def _dtype_name(dtype: Any) -> str:
    if isinstance(dtype, Mapping) and isinstance(dtype.get("config"), Mapping):
        dtype = dtype["config"].get("name")  # Keras writes {"class_name": "DTypePolicy", "config": {"name": "float32"}}
    try:
        return str(np.dtype(dtype).name)
    except (TypeError, ValueError, KeyError) as error:
        raise ArgumentError(f"dtype must name a type of numbers, such as 'float32'. Received: {dtype!r}") from error


def _sizes(shape: Any) -> Shape:
    if isinstance(shape, list | tuple) and all(
        n is None or (isinstance(n, int | np.integer) and n >= 0) for n in shape
    ):
        return tuple(shape)
    hint = f": ({shape},) with its comma" if isinstance(shape, int) else ""
    raise ArgumentError(f"input_shape must be a tuple of sizes{hint}. Received: {shape!r}")


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


def _marking_built(build: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(build)
    def marked(self: Layer, input_shape: Any) -> None:
        build(self, input_shape)
        self.built, self.input_shape = True, input_shape

    return marked
