"""IndexLookup: the base of layers that turn tokens into their numbers in a vocabulary, or back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from kexp.backend import Array
from kexp.core.component import one_of
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.source import is_source
from kexp.errors import ArgumentError, DataError, StateError
from kexp_plugins.layers.encoding import encoded, encoded_shape
from kexp_plugins.layers.vocabulary import Token, TokenCounts, read_vocabulary, without_special

ADAPT_ROWS = 8192
MODES = {"int": "int", "one_hot": "one_hot", "multi_hot": "multi_hot", "count": "count", "tf_idf": "tf_idf",
         "binary": "multi_hot", "tf-idf": "tf_idf"}  # fmt: skip
UNKNOWN = -2
DROPPED = -1

Values = np.ndarray[Any, Any]


class IndexLookup(Layer):
    """Tokens -> numbers: the mask's (0, in int mode), those of unknown tokens, then the vocabulary's in its order."""

    flops_per_value = 0
    encoding = "utf-8"

    def __init__(
        self,
        *,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Token,
        oov_token: Token,
        vocabulary: Any,
        idf_weights: Any,
        invert: bool,
        output_mode: str,
        pad_to_max_tokens: bool,
        sparse: bool,
        salt: Any,
        oov_method: str = "floormod",
        **kwargs: Any,
    ) -> None:
        kwargs.pop("vocabulary_size", None)  # Keras writes these two; they follow from the vocabulary
        kwargs.pop("has_input_vocabulary", None)
        super().__init__(**kwargs)
        self.output_mode = MODES[one_of("output_mode", output_mode, tuple(MODES))]
        self.max_tokens = _count("max_tokens", max_tokens, 2) if max_tokens is not None else None
        self.num_oov_indices = _count("num_oov_indices", num_oov_indices, 0)
        self.mask_token, self.oov_token, self.invert = mask_token, oov_token, invert
        self.pad_to_max_tokens = pad_to_max_tokens
        self.oov_method = one_of("oov_method", oov_method, ("floormod", "farmhash"))
        self.salt = _checked_salt(salt)
        self._check(idf_weights, sparse)
        self.tokens: list[Token] = []
        self.idf: Values | None = None
        self._table: dict[Token, int] = {}
        self._depth: int | None = None
        self._given = vocabulary is not None
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    def _check(self, idf_weights: Any, sparse: bool) -> None:
        if self.pad_to_max_tokens and self.max_tokens is None:
            raise ArgumentError("pad_to_max_tokens needs max_tokens")
        if self.max_tokens is not None and self.max_tokens <= self._token_start:
            raise ArgumentError(
                f"max_tokens counts the {self._token_start} special tokens, and must leave room for others. "
                f"Received: {self.max_tokens}"
            )
        if self.invert and self.output_mode != "int":
            raise ArgumentError(f"output_mode must be 'int' with invert. Received: {self.output_mode!r}")
        if sparse:
            raise ArgumentError(f"sparse is not supported: it must be False. Received: {sparse!r}")
        if idf_weights is not None and self.output_mode != "tf_idf":
            raise ArgumentError(f"idf_weights are for output_mode 'tf_idf'. This layer has {self.output_mode!r}")

    # --- the vocabulary -------------------------------------------------------------------------------------

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take these tokens: a list, an array, or the path of a text file with one a line.

        `idf_weights`, one for each token, go with output_mode 'tf_idf' alone.
        Raises: ArgumentError if a token is there twice, reserved, or there are more than `max_tokens`.
        """
        if self.output_mode == "tf_idf" and idf_weights is None:
            raise ArgumentError("a vocabulary for output_mode 'tf_idf' needs idf_weights, one for each token")
        if idf_weights is not None and self.output_mode != "tf_idf":
            raise ArgumentError(f"idf_weights are for output_mode 'tf_idf'. This layer has {self.output_mode!r}")
        given = read_vocabulary(vocabulary, self.encoding) if isinstance(vocabulary, str) else vocabulary
        given = self.as_tokens(np.asarray(given)).ravel().tolist() if len(given) else []
        reserved = [self.mask_token, self.oov_token if self.invert else None]
        tokens = without_special(given, self._special(), reserved=reserved)
        if self.max_tokens is not None and self._token_start + len(tokens) > self.max_tokens:
            raise ArgumentError(
                f"the vocabulary has {self._token_start + len(tokens)} tokens, special ones included, "
                f"and max_tokens is {self.max_tokens}"
            )
        weights = None if idf_weights is None else np.asarray(idf_weights, dtype=np.float64)
        if weights is not None and weights.shape != (len(given),):
            raise ArgumentError(f"idf_weights must be one for each of {len(given)} tokens. Received: {weights.shape}")
        self._take(tokens, weights)

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the vocabulary: the tokens of `data`, frequent ones first, at most as many as `max_tokens` allows.

        `data`: an array, list or source of samples (each is a document, for tf_idf), or batches of them one after the
        other, of which `steps` are read.
        """
        if self._given:
            raise StateError(f"layer {self.name!r} was given its vocabulary, so there is nothing to adapt")
        counts = TokenCounts()
        for batch in _batches(data, steps):
            tokens = self.as_tokens(batch)
            counts.add(tokens.reshape(len(tokens), -1).tolist())
        limit = None if self.max_tokens is None else self.max_tokens - self._token_start
        learned = counts.most_frequent(limit, (self.mask_token, self.oov_token))
        if not learned:
            raise DataError(f"layer {self.name!r}: there are no tokens to adapt to")
        self._take(learned, np.array(counts.idf(learned)) if self.output_mode == "tf_idf" else None)

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Token]:
        """The tokens by their number."""
        return [*(self._special() if include_special_tokens else []), *self.tokens]

    def vocabulary_size(self) -> int:
        """The number of tokens, special ones included."""
        return self._token_start + len(self.tokens)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.tokens:
            config["vocabulary"] = self.get_vocabulary(self.idf is not None)
        if self.idf is not None:
            config["idf_weights"] = self.idf[: self.vocabulary_size()].tolist()
        return config

    def _take(self, tokens: list[Token], weights: Values | None) -> None:
        depth = self.max_tokens if self.pad_to_max_tokens else self._token_start + len(tokens)
        if self._depth is not None and depth != self._depth:
            raise StateError(
                f"layer {self.name!r} was used with {self._depth} tokens, which is its output's size, and a vocabulary "
                f"of {depth} cannot take their place"
            )
        self.tokens = tokens
        self._table = {token: number for number, token in enumerate(tokens, self._token_start)}
        if self.mask_token is not None:
            self._table[self.mask_token] = 0 if self.output_mode == "int" else DROPPED
        if weights is not None:
            front = 0 if len(weights) > len(tokens) else self._token_start
            back = (depth or 0) - front - len(weights)
            self.idf = np.concatenate([np.full(front, weights.mean()), weights, np.zeros(back)])

    def _special(self) -> list[Token]:
        return [*[self.mask_token] * self._oov_start, *[self.oov_token] * self.num_oov_indices]

    @property
    def _oov_start(self) -> int:
        return int(self.mask_token is not None and self.output_mode == "int")

    @property
    def _token_start(self) -> int:
        return self._oov_start + self.num_oov_indices

    # --- use ------------------------------------------------------------------------------------------------

    def as_tokens(self, values: Values) -> Values:
        """Values as tokens of the vocabulary's kind."""
        raise NotImplementedError

    def oov_places(self, tokens: Sequence[Token]) -> list[int]:
        """Which of several numbers for unknown tokens each of these gets."""
        raise NotImplementedError

    def check_input(self, input_shape: Any) -> None:
        """Any shape will do."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape if self.output_mode == "int" else encoded_shape(input_shape, self.output_mode, self.depth())

    def depth(self) -> int:
        """The size of encoded vectors."""
        if not self.tokens:
            raise StateError(f"layer {self.name!r} has no vocabulary yet: call adapt(data) first, or give it one")
        self._depth = (self.max_tokens or 0) if self.pad_to_max_tokens else self.vocabulary_size()
        return self._depth

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Any, Pullback]:
        (x,) = inputs
        depth = self.depth()
        values = x if isinstance(x, np.ndarray) else ctx.backend.to_host(x)
        y = self._texts(values) if self.invert else self._encoded(self._numbers(values), depth, ctx)

        def pullback(dy: Any) -> tuple[tuple[Array | None], dict[str, Array]]:
            return (np.zeros_like(x) if x.dtype.kind == "f" else None,), {}

        return y, pullback

    def _encoded(self, numbers: Values, depth: int, ctx: Context) -> Array:
        indices = ctx.backend.asarray(numbers)
        if self.output_mode == "int":
            return indices
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        y = encoded(indices, mode, depth, self.dtype, ctx)
        return y if self.idf is None else y * ctx.backend.asarray(self.idf, dtype=self.dtype)

    def _numbers(self, values: Values) -> Values:
        """int64, DROPPED for masked tokens outside of int mode."""
        tokens = self.as_tokens(values).ravel().tolist()
        found = np.fromiter(map(self._table.get, tokens, repeat(UNKNOWN)), np.int64, len(tokens))
        unknown = np.flatnonzero(found == UNKNOWN)
        if len(unknown) and not self.num_oov_indices:
            row = int(unknown[0]) // max(1, len(tokens) // len(values))
            raise DataError(
                f"layer {self.name!r}: {tokens[unknown[0]]!r} (row {row}) is not in the vocabulary. "
                "With num_oov_indices=1 unknown tokens get a number of their own"
            )
        if len(unknown) and self.num_oov_indices > 1:
            found[unknown] = np.array(self.oov_places([tokens[place] for place in unknown])) + self._oov_start
        else:
            found[unknown] = self._oov_start
        return found.reshape(values.shape)

    def _texts(self, values: Values) -> Values:
        """The token of each number; `oov_token` for numbers that have none."""
        known = [self.mask_token] * self._oov_start + [self.oov_token] * self.num_oov_indices + self.tokens
        numbers = values.astype(np.int64)
        table = np.array([*known, self.oov_token], dtype=object if isinstance(self.tokens[0], str) else np.int64)
        return table[np.where((numbers < 0) | (numbers >= len(known)), len(known), numbers)]


def _batches(data: Any, steps: int | None) -> Iterator[Values]:
    """Arrays (n, ...), rows being documents."""
    if is_source(data):
        rows = range(0, len(data), ADAPT_ROWS)
        data = (data.take(slice(start, min(start + ADAPT_ROWS, len(data)))) for start in rows)
    elif hasattr(data, "shape") or isinstance(data, list | tuple):
        whole = np.asarray(data)
        yield whole.reshape(-1, 1) if whole.ndim < 2 else whole
        return
    parts: Iterable[Any] = data
    for count, part in enumerate(parts):
        if steps is not None and count >= steps:
            return
        batch = np.asarray(part)
        yield batch.reshape(1, -1) if batch.ndim < 2 else batch


def _count(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ArgumentError(f"{name} must be an int of at least {least}. Received: {value!r}")
    return int(value)


def _checked_salt(salt: Any) -> list[int] | None:
    pair = [salt, salt] if isinstance(salt, int) else salt
    if pair is not None and (not isinstance(pair, list | tuple) or len(pair) != 2):
        raise ArgumentError(f"salt must be an int or two of them. Received: {salt!r}")
    return None if pair is None else list(pair)
