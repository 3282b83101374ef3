"""Calling: what a layer does when it is called, on symbolic tensors, on arrays, or within another layer's `call`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from kexp.backend import Array
from kexp.core.context import Context, Pullback
from kexp.errors import ArgumentError

if TYPE_CHECKING:
    from kexp.core.layer import Layer

GIVEN = ("self", "training", "mask", "ctx")
"""Arguments of `call` that the framework fills."""


@dataclass(frozen=True)
class How:
    """How a layer is called, besides with its inputs.

    Attributes:
        names: what the inputs behind the plain ones are: an argument's name, or the number of the input it masks.
        options: values, and arrays that stay the same, by the argument's name.
        masks: masks that stay the same, by the number of their input.
        training: whether this is training, whatever the model does; None leaves it to the model.
    """

    names: tuple[str | int, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    masks: Mapping[int, Any] = field(default_factory=dict)
    training: bool | None = None

    def __bool__(self) -> bool:
        return bool(self.names or self.options or self.masks or self.training is not None)

    def applied(self, forward: Callable[..., Any]) -> Callable[..., Any]:
        """`forward` as it runs in this call; it then takes all inputs, and gives a cotangent for each."""
        return functools.partial(_run, self, forward) if self else forward


PLAIN = How()


def _run(how: How, forward: Callable[..., Any], *inputs: Array, ctx: Context) -> tuple[Any, Pullback]:
    count = len(inputs) - len(how.names)
    masks = [None] * count if ctx.masks is None else list(ctx.masks[:count])
    for place, mask in how.masks.items():
        masks[place] = mask
    options: dict[str, Any] = {}
    for name, value in zip(how.names, inputs[count:], strict=True):
        if isinstance(name, int):
            masks[name] = value.astype(bool)
        else:
            options[name] = value
    named = len(options)
    ctx.options = options | dict(how.options)
    ctx.masks = tuple(masks) if any(mask is not None for mask in masks) else None
    y, pullback = forward(*inputs[:count], ctx=ctx)

    def back(dy: Any) -> Any:
        cotangents, gradients = pullback(dy)
        cotangents = tuple(cotangents)[: count + named]
        return (*cotangents, *[None] * (len(inputs) - len(cotangents))), gradients

    return y, back


class Calling:
    """What calls of a layer have in common."""

    name: str
    dtype: str
    supports_masking: bool
    call_options: ClassVar[tuple[str, ...]] = ()
    """Further arguments of a call that `forward` reads from `ctx.options`; those that `call` names need no mention."""
    input_names: ClassVar[tuple[str, ...]] = ()
    """Names by which the inputs may be given in a call."""
    casts_ints: bool = False
    """Whether whole numbers become the layer's dtype before they enter, as numbers with a point always do."""
    keeps_dtype: bool = False
    """Whether whole numbers come out as whole numbers."""
    input_dtypes: Sequence[str] | None = None
    """The dtypes of the inputs at the last use in a graph."""

    def __call__(self, *inputs: Any, training: bool | None = None, mask: Any = None, **options: Any) -> Any:
        """On symbolic tensors: the symbolic output. On arrays, with a mask or one for each: the output.

        `options`: further arguments that the layer's `call` takes.
        """
        layer = cast("Layer", self)
        order = [name for name in self.input_names[len(inputs) :] if options.get(name) is not None]
        plain = _flat((*inputs, *(options.pop(name) for name in order)))
        options = {name: value for name, value in options.items() if value is not None}
        self._check_options(options)
        masks = dict(enumerate(mask if isinstance(mask, list | tuple) else [mask]))
        masks = {place: one for place, one in masks.items() if one is not None}
        further: list[tuple[str | int, Any]] = [*options.items(), *masks.items()]
        moving = [(name, value) for name, value in further if hasattr(value, "apply_layer")]
        how = How(
            tuple(name for name, _ in moving),
            {name: value for name, value in options.items() if not hasattr(value, "apply_layer")},
            {place: _as_mask(one) for place, one in masks.items() if not hasattr(one, "apply_layer")},
            training,
        )
        symbolic = next((x for x in [*plain, *(value for _, value in moving)] if hasattr(x, "apply_layer")), None)
        if symbolic is not None:
            return symbolic.apply_layer(self, plain, [value for _, value in moving], how)
        if (running := running_within()) is not None:
            return running.run(layer, plain, how)
        return _eager(layer, plain, how)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The output's shape; unless overridden, found by running the layer on zeros."""
        return self.shape_of_zeros(input_shape)

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        """The output's mask, given the inputs' masks (None where there is none): the first one, unless overridden."""
        return next((m for m in mask if m is not None), None) if isinstance(mask, list | tuple) else mask

    @property
    def passes_masks(self) -> bool:
        """Whether the output may have a mask because an input has one."""
        return self.supports_masking or type(self).compute_mask is not Calling.compute_mask

    def output_shape_in(self, input_shape: Any, how: How, further: Sequence[Any]) -> Any:
        """The output's shape at one use in a graph; `further` are the shapes of the inputs behind the plain ones."""
        function = type(self).compute_output_shape
        if how and function is Calling.compute_output_shape:
            return self.shape_of_zeros(input_shape, how, further)
        known = {name: value for name, value in how.options.items() if name in _parameters(function)}
        return self.compute_output_shape(input_shape, **known)

    def shape_of_zeros(self, input_shape: Any, how: How = PLAIN, further: Sequence[Any] = ()) -> Any:
        """The output's shape, found by running the layer on zeros."""
        layer = cast("Layer", self)
        shapes = [*(input_shape if isinstance(input_shape, list) else [input_shape]), *further]
        dtypes = list(self.input_dtypes or [])
        dtypes = dtypes if len(dtypes) == len(shapes) else [self.dtype] * len(shapes)
        dtypes = [dtype if np.dtype(dtype).kind in "iub" and not self.casts_ints else self.dtype for dtype in dtypes]
        forward, results = how.applied(layer.forward), []
        for unknown in (2, 3):  # an axis that follows the unknown sizes is unknown itself
            zeros = [
                layer.backend.xp.zeros([unknown if n is None else n for n in shape], dtype=dtype)
                for shape, dtype in zip(shapes, dtypes, strict=True)
            ]
            y = forward(*zeros, ctx=Context(bool(how.training), backend=layer.backend, wants_pullback=False))[0]
            results.append([np.shape(part) for part in y] if isinstance(y, tuple | list) else [np.shape(y)])
        merged = [
            tuple(a if a == b else None for a, b in zip(*pair, strict=True)) for pair in zip(*results, strict=True)
        ]
        return merged if isinstance(y, tuple | list) else merged[0]

    def _check_options(self, options: Mapping[str, Any]) -> None:
        if not options:
            return
        call = type(self).call  # type: ignore[attr-defined]
        kinds = {p.kind for p in inspect.signature(call).parameters.values()}
        known = {*self.call_options, *_parameters(call)} - {*GIVEN, "inputs"}
        wrong = next((name for name in options if name not in known), None)
        if wrong is not None and inspect.Parameter.VAR_KEYWORD not in kinds:
            taken = ", ".join(["training", "mask", *sorted(known)])
            raise ArgumentError(
                f"layer {self.name!r} ({type(self).__name__}) takes no argument {wrong!r} in a call. It takes: {taken}"
            )

    def _bound_call(self, ctx: Context) -> Callable[..., Any]:
        """`call` with everything but its inputs filled in; to be called with the layer and the inputs."""
        function = cast(Callable[..., Any], type(self).call)  # type: ignore[attr-defined]
        wanted = _parameters(function)
        offered: tuple[tuple[str, Any], ...] = (("training", ctx.training), ("ctx", ctx))
        extra = {key: value for key, value in offered if key in wanted}
        if "mask" in wanted and ctx.masks is not None:
            extra["mask"] = ctx.masks[0] if len(ctx.masks) == 1 else list(ctx.masks)
        extra |= {name: value for name, value in ctx.options.items() if not hasattr(value, "dtype")}
        bound = functools.partial(function, **extra) if extra else function
        if not _takes_one(function):
            return bound
        return lambda layer, *inputs, **named: bound(layer, inputs[0] if len(inputs) == 1 else list(inputs), **named)


def _eager(layer: Layer, inputs: Sequence[Any], how: How) -> Any:
    arrays = [as_input(layer, x) for x in inputs]
    shapes = [(None, *array.shape[1:]) for array in arrays]
    layer.ensure_built(shapes if len(shapes) > 1 else shapes[0])
    stream = layer._at_home()[0].get(layer.name, "call", seed=getattr(layer, "seed", None))
    ctx = Context(bool(how.training), backend=layer.backend, stream=stream, wants_pullback=False)
    y: Any = how.applied(layer.forward)(*arrays, ctx=ctx)[0]
    return y


def as_input(layer: Calling, x: Any) -> Array:
    """x as an array that `layer` takes: numbers with a point in its dtype, whole ones as they are if it wants them."""
    if getattr(layer, "input_dtype", None) == "str":
        return np.asarray(x)
    if not hasattr(x, "dtype"):
        x = np.asarray(x)
        whole = layer.keeps_dtype and x.dtype.kind in "iub"
        return x if whole else x.astype(layer.dtype)
    whole = x.dtype.kind in "iub" and (layer.keeps_dtype or getattr(layer, "input_dtype", None) is not None)
    return x if whole or x.dtype == layer.dtype else x.astype(layer.dtype)


def _as_mask(mask: Any) -> Any:
    mask = mask if hasattr(mask, "dtype") else np.asarray(mask)
    return mask if mask.dtype.kind == "b" else mask.astype(bool)


def _flat(inputs: tuple[Any, ...]) -> list[Any]:
    if len(inputs) == 1 and isinstance(inputs[0], list | tuple) and all(hasattr(x, "shape") for x in inputs[0]):
        return list(inputs[0])
    return list(inputs)


_running: list[Any] = []


def running_within() -> Any:
    """The layer whose `call` is running now, as `kexp.core.composite.Running`, or None."""
    return _running[-1] if _running else None


@functools.cache
def _parameters(function: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(function).parameters)


@functools.cache
def _takes_one(call: Callable[..., Any]) -> bool:
    """Whether `call` takes all inputs as one argument, a list if there are several."""
    given = [p for p in inspect.signature(call).parameters.values() if p.name not in GIVEN]
    return len([p for p in given if p.kind is not p.KEYWORD_ONLY]) == 1 and all(
        p.kind is not p.VAR_POSITIONAL for p in given
    )
