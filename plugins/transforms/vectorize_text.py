"""VectorizeText: texts as the numbers of their words, or as vectors that count them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from kexp.backend import settings
from kexp.core.component import one_of, positive_int
from kexp.core.transform import Transform
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.vocabulary import TokenCounts, read_vocabulary, without_special
from kexp_plugins.transforms.texts import as_texts
from kexp_plugins.transforms.words import bags, checked_words, in_rows, number_table, numbers_of

MASK, UNKNOWN = "", "[UNK]"
MODES = ("int", "multi_hot", "count", "tf_idf")


class VectorizeText(Transform):
    """The number of each word (int), whether and how often each word stands in a text, or the latter weighted (tf_idf).

    The vocabulary is learned from the training data, as Keras' TextVectorization learns it: frequent words first, of
    equally frequent ones the later in the alphabet, at most `max_tokens` with the special ones. 0 fills rows up and 1
    is [UNK], for words outside of the vocabulary; vectors begin with [UNK]. `vocabulary` (words, or a file with one a
    line) is taken instead if it is given; tf_idf learns its weights all the same.
    standardize: lower_and_strip_punctuation, lower, strip_punctuation (ASCII, as in Keras; put clean_text in front for
    other languages) or None. split: whitespace, character, or None, where each text is a token. ngrams: tokens in a
    row that are joined to one, of 1 up to this length, or of the lengths in a list.
    output_sequence_length: of the rows in mode int; None is that of the longest text of the training data. Where rows
    are filled up and cut off: `padding`, `truncating`. pad_to_max_tokens: vectors of `max_tokens` in any case.
    Shapes: texts (n,) -> int64 (n, output_sequence_length), or floatx (n, k).
    Raises: DataError that names the row of a value that is missing or no text, or if there are no words to learn.
    """

    learns = True

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Literal["lower_and_strip_punctuation", "lower", "strip_punctuation"]
        | None = "lower_and_strip_punctuation",
        split: Literal["whitespace", "character"] | None = "whitespace",
        ngrams: int | list[int] | None = None,
        output_mode: Literal["int", "multi_hot", "count", "tf_idf"] = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        padding: Literal["pre", "post"] = "post",
        truncating: Literal["pre", "post"] = "post",
        vocabulary: list[str] | str | None = None,
    ) -> None:
        self.words = checked_words(standardize, split, ngrams)
        self.standardize, self.split, self.ngrams = standardize, split, ngrams
        self.output_mode = one_of("output_mode", output_mode, MODES)
        self.max_tokens = None if max_tokens is None else positive_int("max_tokens", max_tokens)
        if max_tokens is not None and max_tokens <= len(self._special):
            raise ArgumentError(f"max_tokens must leave room for words besides {self._special}. Received: {max_tokens}")
        self.output_sequence_length = output_sequence_length
        if output_sequence_length is not None:
            positive_int("output_sequence_length", output_sequence_length)
            if output_mode != "int":
                raise ArgumentError(f"output_sequence_length is for output_mode 'int'. Received: {output_mode!r}")
        self.pad_to_max_tokens = pad_to_max_tokens
        if pad_to_max_tokens and max_tokens is None:
            raise ArgumentError("pad_to_max_tokens needs max_tokens")
        self.padding = one_of("padding", padding, ("pre", "post"))
        self.truncating = one_of("truncating", truncating, ("pre", "post"))
        self.vocabulary = vocabulary
        self._table: tuple[list[str], dict[str, int]] = ([], {})

    def fit(self, chunks: Iterable[Any]) -> None:
        counts, longest = TokenCounts(), 0
        for chunk in chunks:
            documents = self.words.of(as_texts(chunk, counts.n_documents))
            longest = max([longest, *map(len, documents)])
            counts.add(documents)
        if not longest and self.vocabulary is None:
            raise DataError(f"vectorize_text needs texts with words to fit on. Received: {counts.n_documents} texts")
        self.vocabulary_ = [*self._special, *self._learned(counts)]
        if self.output_mode == "int":
            self.length_ = self.output_sequence_length or max(longest, 1)
        if self.output_mode == "tf_idf":
            own = counts.idf(self.vocabulary_[1:])
            self.idf_ = [sum(own) / len(own), *own]

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        self.check_fitted()
        numbers, lengths = numbers_of(self.words.of(as_texts(x)), self._numbers(), len(self._special) - 1)
        if self.output_mode == "int":
            return in_rows(numbers, lengths, self.length_, self.padding, self.truncating)
        depth = self.max_tokens if self.pad_to_max_tokens else len(self.vocabulary_)
        vectors = bags(numbers, lengths, depth or 0, settings.floatx(), binary=self.output_mode == "multi_hot")
        if self.output_mode == "tf_idf":
            vectors[:, : len(self.idf_)] *= np.asarray(self.idf_, dtype=vectors.dtype)
        return vectors

    @property
    def _special(self) -> list[str]:
        return [MASK, UNKNOWN] if self.output_mode == "int" else [UNKNOWN]

    def _learned(self, counts: TokenCounts) -> list[str]:
        room = None if self.max_tokens is None else self.max_tokens - len(self._special)
        if self.vocabulary is None:
            return counts.most_frequent(room, (MASK, UNKNOWN))
        given = self.vocabulary
        words = read_vocabulary(given, "utf-8") if isinstance(given, str) else given
        own = without_special(words, self._special, reserved=[MASK, UNKNOWN])
        if room is not None and len(own) > room:
            raise ArgumentError(
                f"the vocabulary has {len(own) + len(self._special)} tokens, special ones included, "
                f"and max_tokens is {self.max_tokens}"
            )
        return own

    def _numbers(self) -> dict[str, int]:
        """The number of each word; made once for a vocabulary."""
        if self._table[0] is not self.vocabulary_:
            self._table = (self.vocabulary_, number_table(self.vocabulary_))
        return self._table[1]


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"vectorize_text": VectorizeText}
