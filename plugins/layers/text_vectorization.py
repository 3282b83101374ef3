"""TextVectorization: texts as the numbers of their words, or as vectors that count them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Literal

import numpy as np

from kexp.backend import Array
from kexp.core.component import one_of, positive_int
from kexp.core.context import Context, Pullback
from kexp.core.layer import Layer
from kexp.core.source import is_source
from kexp.errors import ArgumentError, DataError, StateError
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.index_lookup import ADAPT_ROWS, MODES
from kexp_plugins.layers.string_lookup import StringLookup
from kexp_plugins.transforms.texts import as_texts, checked_texts, object_array, text_array
from kexp_plugins.transforms.words import Documents, bags, checked_words, in_rows, number_table, numbers_of

Values = np.ndarray[Any, Any]


class TextVectorization(Layer):
    """Texts cut into words, and these as numbers (int), or counted in vectors (multi_hot, count, tf_idf).

    The vocabulary is given, or learned by `adapt(texts)`. In mode int 0 fills rows up and 1 is [UNK], for words outside
    of it; vectors begin with [UNK]. Rows have `output_sequence_length` numbers, without it as many as the longest text
    of a call. standardize and split may be functions of an array of texts. Letters and marks are those of ASCII, as in
    Keras. What was learned is part of the layer's config, and so is saved with the model.

    Shapes: x texts (n,) or (n, 1) -> int64 (n, t), or (n, k); with split=None (n, t) -> int64 (n, t), or (n, k).
    Raises: StateError without a vocabulary; DataError that names the row of a value that is missing or no text.
    """

    input_dtype = "str"
    lookup: StringLookup

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Literal["lower_and_strip_punctuation", "lower", "strip_punctuation"]
        | Callable[[Any], Any]
        | None = "lower_and_strip_punctuation",
        split: Literal["whitespace", "character"] | Callable[[Any], Any] | None = "whitespace",
        ngrams: int | list[int] | tuple[int, ...] | None = None,
        output_mode: Literal["int", "multi_hot", "count", "tf_idf"] = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: list[str] | str | None = None,
        idf_weights: list[float] | None = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.words = checked_words(standardize, split, ngrams)
        self.standardize, self.split, self.ngrams = standardize, split, ngrams
        one_of("output_mode", output_mode, tuple(mode for mode in MODES if mode != "one_hot"))
        if output_sequence_length is not None:
            positive_int("output_sequence_length", output_sequence_length)
            if output_mode != "int":
                raise ArgumentError(f"output_sequence_length is for output_mode 'int'. Received: {output_mode!r}")
        if ragged:
            raise ArgumentError(f"ragged is not supported: it must be False. Received: {ragged!r}")
        self.output_sequence_length, self.ragged = output_sequence_length, ragged
        kwargs.pop("vocabulary_size", None)  # Keras writes these two; they follow from the vocabulary
        kwargs.pop("has_input_vocabulary", None)
        super().__init__(name=name, **kwargs)
        lookup = StringLookup(
            max_tokens=max_tokens,
            mask_token="",
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            sparse=sparse,
            encoding=encoding,
            name=self.name,
        )
        object.__setattr__(self, "lookup", lookup)  # it keeps the vocabulary, and is no inner layer of a graph
        self.output_mode, self.encoding = lookup.output_mode, encoding
        self._table: tuple[list[Any], dict[str, int]] = ([], {})

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learn the vocabulary: the words of `data`, frequent ones first, at most as many as `max_tokens` allows.

        `data`: an array, list, Series or source of texts, or batches of them, of which `steps` are read. Each text is
        a document, for tf_idf. `batch_size` is there for Keras' sake and changes nothing.
        """
        self.lookup.adapt(
            object_array(tokens) for batch, start in _batches(data, steps) for tokens in self._documents(batch, start)
        )

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take these words: a list, an array, or the path of a text file with one a line.

        `idf_weights`, one for each word, go with output_mode 'tf_idf' alone.
        Raises: ArgumentError if a word is there twice, reserved, or there are more than `max_tokens`.
        """
        self.lookup.set_vocabulary(vocabulary, idf_weights)

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The words by their number."""
        return self.lookup.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """The number of words, special ones included."""
        return self.lookup.vocabulary_size()

    def get_config(self) -> dict[str, Any]:
        learned = self.lookup.get_config()
        return super().get_config() | {name: learned[name] for name in ("vocabulary", "idf_weights")}

    def check_input(self, input_shape: Any) -> None:
        """Any number of texts will do."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self.output_mode != "int":
            return (input_shape[0], self.lookup.depth())
        if self.split is None and self.output_sequence_length is None:
            return tuple(input_shape)
        return (input_shape[0], self.output_sequence_length)

    def forward(self, *inputs: Array, ctx: Context) -> tuple[Any, Pullback]:
        (x,) = inputs
        words_are_numbers = self.output_mode == "int"
        texts = x if isinstance(x, np.ndarray) else ctx.backend.to_host(x)
        numbers, lengths = numbers_of(self._documents(texts), self._numbers(), 1 if words_are_numbers else 0)
        if words_are_numbers:
            y = in_rows(numbers, lengths, self.output_sequence_length or int(lengths.max(initial=0)))
            y = y.reshape(x.shape) if self.split is None and self.output_sequence_length is None else y
        else:
            y = bags(numbers, lengths, self.lookup.depth(), self.dtype, binary=self.output_mode == "multi_hot")
            y = y if self.lookup.idf is None else y * self.lookup.idf.astype(self.dtype)

        def pullback(dy: Any) -> tuple[tuple[None], dict[str, Array]]:
            return (None,), {}

        return ctx.backend.asarray(y), pullback

    def _numbers(self) -> dict[str, int]:
        """The number of each word; made once for a vocabulary."""
        if not self.lookup.tokens:
            raise StateError(f"layer {self.name!r} has no vocabulary yet: call adapt(texts) first, or give it one")
        if self._table[0] is not self.lookup.tokens:
            self._table = (self.lookup.tokens, number_table(self.get_vocabulary()))
        return self._table[1]

    def _documents(self, x: Any, start: int = 0) -> Documents:
        """The words of each row."""
        try:
            if self.split is not None or np.ndim(x) < 2:
                return self.words.of(as_texts(x, start, self.encoding))
            values = text_array(x)
            tokens = iter(self.words.of(checked_texts(values.reshape(-1), encoding=self.encoding)))
            return [[token for _ in row for token in next(tokens)] for row in values]
        except DataError as error:
            raise DataError(f"layer {self.name!r}: {error}") from None


def _batches(data: Any, steps: int | None) -> Iterator[tuple[Any, int]]:
    """Texts, and the number of the first of them."""
    if is_source(data) and not isinstance(data, list | tuple):
        for start in range(0, len(data), ADAPT_ROWS):
            yield data.take(slice(start, min(start + ADAPT_ROWS, len(data)))), start
    elif hasattr(data, "shape") or isinstance(data, list | tuple | str):
        yield data, 0
    else:
        start = 0
        for part in islice(data, steps):
            yield part, start
            start += len(part)


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"text_vectorization": TextVectorization}
