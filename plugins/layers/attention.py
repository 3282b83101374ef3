"""Attention: each query's mean of the values, weighted by how well their keys fit it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kexp.backend import Array
from kexp.core.component import fraction, one_of
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.placed import values_in
from kexp.errors import ShapeError
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.attention_weights import both, causal, dropped, softmax

HIDDEN = 1e9  # is taken from the scores of what a mask hides, as in Keras


class Attention(Layer):
    """y = softmax(scores) @ value; scores are query @ key^T ('dot') or the sum of tanh(query + key) ('concat').

    Called on [query, value] or [query, value, key]; without a key the values are the keys. `use_scale` learns a factor
    of the scores. A mask of the values hides steps, a mask of the queries makes their outputs 0. `use_causal_mask`,
    here or in the call, lets a query see no later step; `return_attention_scores`, in the call, gives the weights
    (n, t, s) as a second output.

    Shapes: query (n, t, d), value (n, s, v), key (n, s, d) -> y (n, t, v); scale and concat_score_weight ().
    Source: Luong et al. 2015, eq. 8; Vaswani et al. 2017, section 3.2.1.
    """

    casts_ints = True
    call_options = ("use_causal_mask", "return_attention_scores")
    supports_masking = True

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: Literal["dot", "concat"] = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        use_causal_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.use_scale = use_scale
        self.score_mode = one_of("score_mode", score_mode, ("dot", "concat"))
        self.dropout = fraction("dropout", dropout)
        self.seed = seed
        self.use_causal_mask = use_causal_mask
        self.scale: Array | None = None
        self.concat_score_weight: Array | None = None

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"use_causal_mask": self.use_causal_mask}

    def build(self, input_shape: Any) -> None:
        self._shapes(input_shape)
        if self.use_scale:
            self.add_weight("scale", (), "ones")
        if self.score_mode == "concat":
            self.add_weight("concat_score_weight", (), "ones")

    def compute_output_shape(self, input_shape: Any, return_attention_scores: bool = False) -> Any:
        query, value, _ = self._shapes(input_shape)
        y = (*query[:-1], value[-1])
        return [y, (*query[:-1], value[-2])] if return_attention_scores else y

    def flops(self, input_shape: Any, output_shape: Any) -> int | None:
        query, value, _ = self._shapes(input_shape)
        pairs = values_in((*query[:-1], value[-2]))
        if pairs is None or query[-1] is None:
            return None
        each: int = (2 if self.score_mode == "dot" else 3) * query[-1] + 2 * value[-1]
        return pairs * each

    def compute_mask(self, inputs: Any, mask: Any) -> Any:
        return None if mask is None else mask[0]

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Any, Pullback]:
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) > 2 else value
        masks = ctx.masks if ctx.masks is not None else (None, None)
        scores, scores_back = self._scores(query, key)
        seen = None if masks[1] is None else np.expand_dims(masks[1], -2)
        if ctx.options.get("use_causal_mask", self.use_causal_mask):
            seen = both(seen, causal(scores, ctx))
        if seen is not None:
            scores = np.where(seen, scores, scores - HIDDEN)
        weights, softmax_back = softmax(scores)
        used, factor = dropped(weights, self.dropout, ctx)
        y = np.matmul(used, value)
        asked = None if masks[0] is None else np.expand_dims(masks[0], -1).astype(y.dtype)

        shown = bool(ctx.options.get("return_attention_scores"))

        def pullback(dy: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
            dy, *dshown = dy if shown else [dy]
            dy = dy if asked is None else dy * asked
            dvalue = np.matmul(used.swapaxes(-1, -2), dy)
            dweights = np.matmul(dy, value.swapaxes(-1, -2))
            dweights = dweights + dshown[0] if dshown else dweights
            dquery, dkey, gradients = scores_back(softmax_back(dweights * factor))
            if len(inputs) > 2:
                return (dquery, dvalue, dkey), gradients
            return (dquery, dvalue + dkey), gradients

        y = y if asked is None else y * asked
        return [y, used] if shown else y, pullback

    def _scores(self, query: Array, key: Array) -> tuple[Array, Any]:
        """Scores (n, t, s), and the pullback to (dquery, dkey, {weight name: gradient})."""
        return self._added(query, key) if self.score_mode == "concat" else self._multiplied(query, key)

    def _multiplied(self, query: Array, key: Array) -> tuple[Array, Any]:
        scale = self.scale
        products = np.matmul(query, key.swapaxes(-1, -2))

        def back(d: Array) -> tuple[Array, Array, dict[str, Array]]:
            gradients = {} if scale is None else {"scale": (d * products).sum()}
            d = d if scale is None else d * scale
            return np.matmul(d, key), np.matmul(d.swapaxes(-1, -2), query), gradients

        return (products if scale is None else products * scale), back

    def _added(self, query: Array, key: Array) -> tuple[Array, Any]:
        scale, weight = self.scale, self.concat_score_weight
        sums = np.expand_dims(query, -2) + np.expand_dims(key, -3)
        bent = np.tanh(sums if scale is None else sums * scale)
        total = bent.sum(-1)

        def back(d: Array) -> tuple[Array, Array, dict[str, Array]]:
            gradients = {"concat_score_weight": (d * total).sum()}
            dsums = np.expand_dims(d * weight, -1) * (1 - bent * bent)
            if scale is not None:
                gradients["scale"] = (dsums * sums).sum()
                dsums = dsums * scale
            return dsums.sum(-2), dsums.sum(-3), gradients

        return total * weight, back

    def _shapes(self, shapes: Any) -> tuple[Any, Any, Any]:
        """The shapes of query, value and key."""
        count = len(shapes) if isinstance(shapes, list) else 1
        if count not in (2, 3):
            raise ShapeError(
                f"layer {self.name!r} (Attention) is called on [query, value] or [query, value, key]. "
                f"Received: {count} input{'s' if count > 1 else ''}"
            )
        query, value, key = shapes[0], shapes[1], shapes[-1]
        if any(len(shape) < 3 for shape in shapes) or (None not in (query[-1], key[-1]) and query[-1] != key[-1]):
            said = ", ".join(str(tuple(shape)) for shape in shapes)
            raise ShapeError(
                f"layer {self.name!r} (Attention) needs query (n, t, d), value (n, s, v) and key (n, s, d). "
                f"Received: {said}"
            )
        return query, value, key


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"attention": Attention}
