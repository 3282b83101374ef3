"""MultiHeadAttention: attention by several heads, each in a projection of its own."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from kexp.backend import Array
from kexp.core.component import ConstraintSpec, InitializerSpec, RegularizerSpec, fraction, positive_int
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.errors import ArgumentError, ShapeError
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.attention_weights import as_mask, both, causal, dropped, softmax
from kexp_plugins.layers.head_axes import HeadAxes, project, projected_back

MASKS = ("query_mask", "value_mask", "key_mask", "attention_mask")


class MultiHeadAttention(Layer):
    """Query, key and value are projected for each head; softmax(q @ k^T / sqrt(key_dim)) @ v of all heads is projected
    to the output.

    Called as `layer(query, value)` or `layer(query, value, key)`; without a key the values are the keys.
    `attention_axes` are the axes attended over, all but first and last unless given. Masks of values and keys hide
    steps, a mask of the queries hides all from them; they come with the inputs, those of values and keys also in the
    call: `value_mask` and `key_mask` (n, s), `attention_mask` (n, t, s); a `query_mask` in the call has no effect, as
    in Keras 3. `use_causal_mask`, here or in the call, lets a query
    see no later step; `return_attention_scores`, in the call, gives the weights (n, heads, t, s) as a second output.

    Shapes: query (n, t, d), value (n, s, e), key (n, s, f) -> y (n, t, d), or (n, t, *output_shape).
    Kernels: query (d, heads, key_dim), key (f, heads, key_dim), value (e, heads, value_dim), output (heads, value_dim,
    ...); each with a bias.
    Source: Vaswani et al. 2017, section 3.2.2.
    """

    casts_ints = True
    call_options = (*MASKS, "use_causal_mask", "return_attention_scores")
    input_names = ("query", "value", "key")
    weight_places: ClassVar[dict[str, str]] = {
        "query_": "query_dense",
        "key_": "key_dense",
        "value_": "value_dense",
        "output_": "output_dense",
    }  # the layers inside Keras' own
    supports_masking = True

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | tuple[int, ...] | None = None,
        attention_axes: int | tuple[int, ...] | None = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: InitializerSpec = "glorot_uniform",
        bias_initializer: InitializerSpec = "zeros",
        kernel_regularizer: RegularizerSpec = None,
        bias_regularizer: RegularizerSpec = None,
        activity_regularizer: RegularizerSpec = None,
        kernel_constraint: ConstraintSpec = None,
        bias_constraint: ConstraintSpec = None,
        use_gate: bool = False,
        seed: int | None = None,
        use_causal_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.num_heads = positive_int("num_heads", num_heads)
        self.key_dim = positive_int("key_dim", key_dim)
        self.value_dim = self.key_dim if value_dim is None else positive_int("value_dim", value_dim)
        self.dropout = fraction("dropout", dropout)
        self.use_bias = use_bias
        self.sample_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape or ())
        axes = (attention_axes,) if isinstance(attention_axes, int) else attention_axes
        self.attention_axes = None if axes is None else tuple(axes)
        unsupported = {"sliding_window": sliding_window, "flash_attention": flash_attention, "use_gate": use_gate}
        for name, value in unsupported.items():
            if value:
                raise ArgumentError(f"{name} is not supported. Received: {value!r}")
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.seed = seed
        self.use_causal_mask = use_causal_mask

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"use_causal_mask": self.use_causal_mask}

    def build(self, input_shape: Any) -> None:
        query, value, key = self._shapes(input_shape)
        heads, last = self.num_heads, self.sample_shape or (query[-1],)
        self._add("query", (query[-1], heads, self.key_dim), (heads, self.key_dim))
        self._add("key", (key[-1], heads, self.key_dim), (heads, self.key_dim))
        self._add("value", (value[-1], heads, self.value_dim), (heads, self.value_dim))
        self._add("output", (heads, self.value_dim, *last), last)

    def _add(self, name: str, kernel: tuple[int, ...], bias: tuple[int, ...]) -> None:
        self.add_weight(
            f"{name}_kernel", kernel, self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        if self.use_bias:
            self.add_weight(
                f"{name}_bias", bias, self.bias_initializer,
                regularizer=self.bias_regularizer, constraint=self.bias_constraint,
            )  # fmt: skip

    def check_input(self, input_shape: Any) -> None:
        for one, name in zip(self._shapes(input_shape), ("query", "value", "key"), strict=True):
            size = self.__dict__[f"{name}_kernel"].shape[0]
            if one[-1] not in (None, size):
                raise ShapeError(
                    f"layer {self.name!r} (MultiHeadAttention) was built for a {name} whose last axis is {size}. "
                    f"Received: {tuple(one)}"
                )

    def compute_output_shape(self, input_shape: Any, return_attention_scores: bool = False) -> Any:
        query, value, _ = self._shapes(input_shape)
        y = (*query[:-1], *(self.sample_shape or (query[-1],)))
        if not return_attention_scores:
            return y
        axes = HeadAxes(len(query), self.attention_axes)
        heads = (*query[:-1], self.num_heads, self.key_dim)
        steps = [math.prod(shape[axis] for axis in axes.over) for shape in (query, value)]
        return [y, (*(heads[axis] for axis in axes.batch), *steps)]

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        shapes = dict(zip(("query", "value", "key"), self._shapes(input_shape), strict=True))
        if any(None in shape[1:] for shape in shapes.values()):
            return None
        shapes["output"] = shapes["query"]
        products = sum(math.prod(s[1:-1]) * int(self.__dict__[f"{name}_kernel"].size) for name, s in shapes.items())
        axes = HeadAxes(len(shapes["query"]), self.attention_axes)
        steps: int = math.prod(shapes["value"][axis] for axis in axes.over)
        pairs: int = math.prod(shapes["query"][1:-1]) * steps
        found: int = 2 * (products + pairs * self.num_heads * (self.key_dim + self.value_dim))
        return found

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        return mask[0] if isinstance(mask, list | tuple) else mask

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Any, Pullback]:
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) > 2 else value
        names, given = ("query", "key", "value"), (query, key, value)
        shown = bool(ctx.options.get("return_attention_scores"))
        axes = HeadAxes(query.ndim, self.attention_axes)
        projected = [project(self, name, x, (self.num_heads, -1)) for name, x in zip(names, given, strict=True)]
        q, k, v = (axes.flat(x) for x in projected)
        share = 1 / math.sqrt(self.key_dim)
        scores = np.matmul(q, k.swapaxes(-1, -2)) * share
        batch = axes.batch_shape(projected[0])
        seen = self._seen(scores, batch, ctx)
        weights, softmax_back = softmax(scores if seen is None else np.where(seen, scores, -1e9))
        zeroed = seen if shown or self.dropout or query.ndim != 3 else None
        if zeroed is not None:
            weights = weights * zeroed  # a query that may see nothing gets nothing, but all alike in Keras' fast path
        used, factor = dropped(weights, self.dropout, ctx)
        context = axes.restored(np.matmul(used, v), projected[0].shape)
        rows = context.reshape(*context.shape[:-2], -1)
        y = project(self, "output", rows, self.sample_shape or (query.shape[-1],))

        def pullback(dy: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
            dy, *dshown = dy if shown else [dy]
            drows, gradients = projected_back(self, "output", rows, dy, ctx)
            dcontext = axes.flat(drows.reshape(context.shape))
            dv = np.matmul(used.swapaxes(-1, -2), dcontext)
            dweights = np.matmul(dcontext, v.swapaxes(-1, -2)) * factor
            dweights = dweights + dshown[0].reshape(used.shape) if dshown else dweights
            dscores = softmax_back(dweights if zeroed is None else dweights * zeroed)
            dscores = (dscores if seen is None else dscores * seen) * share
            dq, dk = np.matmul(dscores, k), np.matmul(dscores.swapaxes(-1, -2), q)
            cotangents = []
            for name, x, d, like in zip(names, given, (dq, dk, dv), projected, strict=True):
                dx, own = projected_back(self, name, x, axes.restored(d, like.shape), ctx)
                gradients |= own
                cotangents.append(dx)
            dquery, dkey, dvalue = cotangents
            if len(inputs) > 2:
                return (dquery, dvalue, dkey), gradients
            return (dquery, dvalue + dkey), gradients

        return [y, weights.reshape(*batch, *weights.shape[-2:])] if shown else y, pullback

    def _seen(self, scores: Array, batch: tuple[int, ...], ctx: Context) -> Array | None:
        """Which keys each query may see, like scores (batch of all heads, t, s); None if all."""
        seen = causal(scores, ctx) if ctx.options.get("use_causal_mask", self.use_causal_mask) else None
        given = [*(ctx.masks or ()), None, None, None]
        for place, name in enumerate(MASKS[:3]):  # (n, t) of the query, (n, s) of value and key
            mask = as_mask(given[place] if place == 0 else ctx.options.get(name, given[place]))
            if mask is not None:
                seen = both(seen, np.expand_dims(mask, -1 if place == 0 else -2))
        own = as_mask(ctx.options.get("attention_mask"))
        seen = seen if seen is None or own is None else self._spread(seen, batch, own.ndim)
        seen = both(seen, own)
        if seen is None:
            return None
        seen = self._spread(seen, batch, len(batch) + 2)
        return np.broadcast_to(seen, (*batch, *scores.shape[-2:])).reshape(scores.shape)

    @staticmethod
    def _spread(mask: Array, batch: tuple[int, ...], ndim: int) -> Array:
        """A mask (n, t, s), or one that has axes of the batch already, with `ndim` axes."""
        while mask.ndim < min(ndim, len(batch) + 2):
            mask = np.expand_dims(mask, 1)
        return mask

    def _shapes(self, shapes: Any) -> tuple[Any, Any, Any]:
        """The shapes of query, value and key."""
        if not isinstance(shapes, list) or len(shapes) not in (2, 3):
            count = len(shapes) if isinstance(shapes, list) else 1
            raise ShapeError(
                f"layer {self.name!r} (MultiHeadAttention) is called on query and value, or query, value and key. "
                f"Received: {count} input{'s' if count > 1 else ''}"
            )
        query, value, key = shapes[0], shapes[1], shapes[-1]
        if len({len(shape) for shape in shapes}) > 1 or len(query) < 3 or value[1:-1] != key[1:-1]:
            said = ", ".join(str(tuple(shape)) for shape in shapes)
            raise ShapeError(
                f"layer {self.name!r} (MultiHeadAttention) needs query (n, t, d), value (n, s, e) and key (n, s, f). "
                f"Received: {said}"
            )
        return query, value, key


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"multi_head_attention": MultiHeadAttention}
