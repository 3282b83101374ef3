"""Composite: layers whose `call` runs other layers, which are their attributes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from kexp.autodiff import vjp
from kexp.autodiff.tracer import Tracer
from kexp.backend import Array
from kexp.core.calling import _running, as_input
from kexp.core.context import Context, Pullback
from kexp.errors import StateError

if TYPE_CHECKING:
    from kexp.core.calling import How
    from kexp.core.layer import Layer


class Composite:
    """Makes a layer of `call`: its value and, by `kexp.autodiff`, its pullback, through the layers that it runs.

    A layer that becomes an attribute, alone or in a list or a dict, becomes an inner layer under that name.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name in ("_parent", "node") or "_layers" not in self.__dict__ or not _may_hold_layers(value):
            return
        layer = cast("Layer", self)
        known = {id(inner) for inner in layer._layers.values()}
        for key, inner in found_layers(name, value):
            if id(inner) not in known:
                layer.add_layer(key, inner)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Any, Pullback]:
        """The output, and the pullback dy -> (one cotangent per input, {weight name: gradient}).

        The pullback is pure. It holds until the weights are next updated, which happens in place, or the same
        context runs again.
        """
        layer = cast("Layer", self)
        call = layer._bound_call(ctx)
        arrays = {name: value for name, value in ctx.options.items() if hasattr(value, "dtype")}
        if not ctx.wants_pullback:
            return _within(Running(layer, ctx, {}, inputs), call, layer, *inputs, **arrays), _no_pullback
        weights = {name: weight for name, weight in layer.named_weights().items() if weight.learns}
        names, count = list(weights), len(inputs)
        shadow = copy.copy(layer)  # carries the traced weights, so that self stays as it is

        def traced(*arguments: Array) -> Any:
            values = dict(zip(names, arguments[count + len(arrays) :], strict=True))
            shadow.__dict__.update({name: value for name, value in values.items() if name in layer._weights})
            running = Running(layer, ctx, values, arguments[:count])
            named = dict(zip(arrays, arguments[count:], strict=False))
            return _within(running, call, shadow, *arguments[:count], **named)

        y, pull = vjp(traced, *inputs, *arrays.values(), *(weights[name].value for name in names))

        def pullback(dy: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
            cotangents = pull(dy)
            end = count + len(arrays)
            return cotangents[:end], dict(zip(names, cotangents[end:], strict=True))

        return y, pullback

    @property
    def adds_loss(self) -> bool:
        """Whether a layer inside announces a loss."""
        inner = cast("Layer", self).layers
        return any(layer.activity_regularizer is not None or layer.adds_loss for layer in inner)

    def build_inner(self, input_shape: Any) -> None:
        """Build the layers that `call` runs and that are not built yet, by running it on zeros."""
        layer = cast("Layer", self)
        if type(self).forward is Composite.forward and any(not inner.built for inner in layer.layers):
            layer.shape_of_zeros(input_shape)


class Running:
    """A layer whose `call` is running, and what the layers that it calls need."""

    def __init__(self, owner: Layer, ctx: Context, weights: Mapping[str, Any], inputs: Sequence[Any]) -> None:
        self.owner, self.ctx, self.weights = owner, ctx, weights
        self.names = {id(inner): name for name, inner in owner._layers.items()}
        self.uses: dict[str, int] = {}
        self.state: dict[str, dict[str, Array]] = {}
        self.masks: dict[int, tuple[Any, Any]] = {}
        for x, mask in zip(inputs, ctx.masks or (), strict=False):
            self._note_mask(x, mask)

    def run(self, layer: Layer, inputs: Sequence[Any], how: How) -> Any:
        """What `layer` gives for `inputs`, traced arrays among them; its weights' gradients go to their tracers."""
        name = self.names.get(id(layer))
        if name is None:
            raise StateError(
                f"layer {self.owner.name!r} ({type(self.owner).__name__}) calls layer {layer.name!r}, which is none "
                "of its attributes. Make it one in the constructor: self.NAME = layer"
            )
        self._build(name, layer, inputs)
        ctx = self._context(name, how)
        masks = [self._mask_of(x) for x in inputs]
        known = any(mask is not None for mask in masks)
        ctx.masks = tuple(masks) if known else None
        values = [as_input(layer, x.value if type(x) is Tracer else x) for x in inputs]
        shadow = layer
        if name in self.state:  # the state that its last use in this pass left behind
            shadow = copy.copy(layer)
            shadow.__dict__.update(self.state[name])
        forward = _plain(how).applied(shadow.forward)
        if layer.activity_regularizer is not None:
            forward = with_penalty(forward, layer.activity_regularizer)
        y, pullback = forward(*values, ctx=ctx)
        if layer.seen is None:
            layer.seen = (_shapes(inputs), _shapes(y if isinstance(y, list | tuple) else [y]))
        if ctx.updates:
            self.state[name] = {key: value.copy() for key, value in ctx.updates.items() if "/" not in key}
        y = self._on_tape(y, pullback, name, layer, inputs)
        if (known and layer.passes_masks) or layer.makes_mask:
            several = len(inputs) > 1
            self._note_masks(y, layer.compute_mask(values if several else values[0], masks if several else masks[0]))
        return y

    def _build(self, name: str, layer: Layer, inputs: Sequence[Any]) -> None:
        shapes: list[Any] = [(None, *np.shape(x)[1:]) for x in inputs]
        shape = shapes if len(shapes) > 1 else shapes[0]
        if layer.built:
            layer.ensure_built(shape)
        else:
            self.owner.build_layer(name, shape)

    def _context(self, name: str, how: How) -> Context:
        use = self.uses[name] = self.uses.get(name, 0) + 1
        ctx = self.ctx.child(name, str(use), wants_dx=True)
        ctx.wants_pullback = self.ctx.wants_pullback
        ctx.training = self.ctx.training if how.training is None else how.training
        ctx.options = {}
        ctx.updates.clear()
        return ctx

    def _on_tape(self, y: Any, pullback: Pullback, name: str, layer: Layer, inputs: Sequence[Any]) -> Any:
        if not self.ctx.wants_pullback:
            return y
        prefix = f"{name}/"
        own = {key.removeprefix(prefix): w for key, w in self.weights.items() if key.startswith(prefix)}
        traced = [(i, x) for i, x in enumerate(inputs) if type(x) is Tracer]
        tape = next((x.tape for x in [*(x for _, x in traced), *own.values()]), None)
        if tape is None:
            return y
        several = isinstance(y, list | tuple)
        outputs, made = list(y) if several else [y], []
        for place, value in enumerate(outputs):
            value = value.copy()  # work arrays would be overwritten by the next use
            pulled = _Pulled(pullback, place, outputs, several)
            step: list[Any] = [value.shape, value.dtype, type(layer).forward]
            for i, x in traced:
                step += [x.index, pulled.by_input(i, x)]
            for key, w in own.items():
                step += [w.index, pulled.by_weight(key, w)]
            tape.append(step)
            made.append(Tracer(value, tape, len(tape) - 1))
        return type(y)(made) if several else made[0]

    def _note_masks(self, y: Any, masks: Any) -> None:
        outputs = list(y) if isinstance(y, list | tuple) else [y]
        listed = list(masks) if isinstance(masks, list | tuple) else [masks] * len(outputs)
        for value, mask in zip(outputs, listed, strict=False):
            self._note_mask(value, mask)

    def _note_mask(self, x: Any, mask: Any) -> None:
        if mask is not None:
            self.masks[id(x)] = (x, mask)

    def _mask_of(self, x: Any) -> Any:
        return self.masks.get(id(x), (None, None))[1]


class _Pulled:
    """A pullback, run once for all that ask for their share of one cotangent."""

    def __init__(self, pullback: Pullback, place: int, outputs: Sequence[Any], several: bool) -> None:
        self.pullback, self.place, self.several = pullback, place, several
        self.likes = [np.zeros_like(value) for value in outputs] if several else []
        self.kept: tuple[Any, Any] | None = None

    def _all(self, dy: Array) -> Any:
        if self.kept is None or self.kept[0] is not dy:
            given: Any = dy
            if self.several:
                given = [dy if i == self.place else zeros for i, zeros in enumerate(self.likes)]
            dxs, gradients = self.pullback(given)
            copies = tuple(None if d is None else d.copy() for d in dxs)
            self.kept = (dy, (copies, {key: g.copy() for key, g in gradients.items()}))
        return self.kept[1]

    def by_input(self, place: int, x: Tracer) -> Callable[[Array], Array]:
        def back(dy: Array) -> Array:
            d = self._all(dy)[0][place]
            return np.zeros_like(x.value) if d is None else d

        return back

    def by_weight(self, key: str, weight: Tracer) -> Callable[[Array], Array]:
        def back(dy: Array) -> Array:
            d = self._all(dy)[1].get(key)
            return np.zeros_like(weight.value) if d is None else d

        return back


def with_penalty(forward: Any, regularizer: Any) -> Any:
    """`forward` with the penalty of its outputs announced, and the penalty's gradient added to the cotangents.

    The penalty is that of one sample, the mean of the batch, as in Keras 3.15.
    """

    def penalised(*inputs: Array, ctx: Context) -> tuple[Any, Pullback]:
        y, pullback = forward(*inputs, ctx=ctx)
        if isinstance(y, list | tuple):
            ctx.losses.extend(regularizer(part) / max(len(part), 1) for part in y)
            return y, lambda dys: pullback([_added(dy, part) for dy, part in zip(dys, y, strict=True)])
        ctx.losses.append(regularizer(y) / max(len(y), 1))
        return y, lambda dy: pullback(_added(dy, y))

    def _added(dy: Array | None, y: Array) -> Array:
        own: Array = regularizer.gradient(y) / max(len(y), 1)
        return own if dy is None else dy + own

    return penalised


def _shapes(values: Sequence[Any]) -> Any:
    shapes = [(None, *np.shape(value)[1:]) for value in values]
    return shapes[0] if len(shapes) == 1 else shapes


def _within(running: Running, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    if not running.names:
        return call(*arguments, **named)
    _running.append(running)
    try:
        return call(*arguments, **named)
    finally:
        _running.pop()


def _plain(how: How) -> How:
    """The call with plain arrays as options: they carry no derivative to layers inside."""
    options = {name: value.value if type(value) is Tracer else value for name, value in how.options.items()}
    masks = {place: mask.value if type(mask) is Tracer else mask for place, mask in how.masks.items()}
    return type(how)(how.names, options, masks, how.training)


def _may_hold_layers(value: Any) -> bool:
    return hasattr(value, "_weights") or (isinstance(value, list | tuple | dict) and bool(value))


def found_layers(name: str, value: Any) -> list[tuple[str, Any]]:
    """The layers and models among the values of the attribute `name`, under names made of it and their places."""
    if hasattr(value, "_weights") or hasattr(value, "form"):
        return [(name, value)]
    if isinstance(value, Mapping):
        items: Any = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    else:
        return []
    return [found for key, inner in items for found in found_layers(f"{name}_{key}", inner)]


def _no_pullback(dy: Any) -> Any:
    raise StateError("this output was computed for inference, without a pullback")
