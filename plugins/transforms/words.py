"""Words: texts cut into tokens as Keras' TextVectorization cuts them, and the numbers of tokens as arrays."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np

from kexp.core.component import one_of
from kexp.errors import ArgumentError, DataError
from kexp_plugins.transforms.texts import checked_texts, object_array

Values = np.ndarray[Any, Any]
Documents = list[list[str]]
Standardize = str | Callable[[Values], Any] | None
Split = str | Callable[[Values], Any] | None

LOWER = dict(zip(map(ord, string.ascii_uppercase), string.ascii_lowercase, strict=True))
STRIP: dict[int, None] = dict.fromkeys(map(ord, string.punctuation))
STANDARDIZE: dict[str, dict[int, Any]] = {
    "lower_and_strip_punctuation": {**LOWER, **STRIP},
    "lower": LOWER,
    "strip_punctuation": STRIP,
}
SPLITS = ("whitespace", "character")
OTHER_SPACES = re.compile("[\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
"""What `str.split` takes for whitespace and TensorFlow does not."""
WORD = re.compile("[^ \t\n\v\f\r]+")


@dataclass(frozen=True)
class Words:
    """How texts are cut into tokens.

    standardize: lower_and_strip_punctuation, lower or strip_punctuation (ASCII letters and marks, as in Keras), None,
    or a function from an array of texts (n,) to one of changed texts.
    split: whitespace, character, None (each text is a token), or a function from texts (n,) to n lists of tokens.
    ngrams: tokens in a row that are joined by blanks to new tokens, for each width in turn; None for single ones.
    """

    standardize: Standardize
    split: Split
    ngrams: tuple[int, ...] | None

    def of(self, texts: Sequence[str]) -> Documents:
        """The tokens of each text."""
        documents = self._cut(self._standardized(texts))
        if self.ngrams is None:
            return documents
        return [[gram for width in self.ngrams for gram in _grams(tokens, width)] for tokens in documents]

    def _standardized(self, texts: Sequence[str]) -> list[str]:
        if self.standardize is None:
            return list(texts)
        if isinstance(self.standardize, str):
            table = STANDARDIZE[self.standardize]
            return [text.translate(table) for text in texts]
        changed = np.asarray(self.standardize(object_array(list(texts)).astype(str)))
        if changed.shape != (len(texts),):
            raise DataError(f"standardize must give a text for each of {len(texts)}. Received: shape {changed.shape}")
        return checked_texts(changed)

    def _cut(self, texts: list[str]) -> Documents:
        if self.split is None:
            return [[text] for text in texts]
        if self.split == "character":
            return [list(text) for text in texts]
        if self.split == "whitespace":
            if any(map(OTHER_SPACES.search, texts)):
                return [WORD.findall(text) for text in texts]
            return [text.split() for text in texts]
        assert callable(self.split)
        documents = [[str(token) for token in tokens] for tokens in self.split(object_array(texts).astype(str))]
        if len(documents) != len(texts):
            raise DataError(
                f"split must give a list of tokens for each of {len(texts)} texts. Received: {len(documents)}"
            )
        return documents


def checked_words(standardize: Any, split: Any, ngrams: Any) -> Words:
    """Words of these arguments.

    Raises: ArgumentError if one of them is not allowed.
    """
    if not callable(standardize):
        one_of("standardize", standardize, (*STANDARDIZE, None))
    if not callable(split):
        one_of("split", split, (*SPLITS, None))
    if ngrams is None:
        return Words(standardize, split, None)
    widths = tuple(range(1, ngrams + 1)) if isinstance(ngrams, int) else ngrams
    good = (
        isinstance(widths, list | tuple)
        and widths
        and all(isinstance(width, int) and not isinstance(width, bool) and width > 0 for width in widths)
    )
    if not good or isinstance(ngrams, bool):
        raise ArgumentError(f"ngrams must be a positive int, a list of them, or None. Received: {ngrams!r}")
    return Words(standardize, split, tuple(widths))


def number_table(vocabulary: Sequence[str]) -> dict[str, int]:
    """The number of each word; of '', which fills texts up, 0 if the vocabulary begins with it, else -1."""
    return {"": -1} | {word: number for number, word in enumerate(vocabulary)}


def numbers_of(documents: Documents, table: dict[str, int], unknown: int) -> tuple[Values, Values]:
    """The numbers of all tokens one after the other (m,), and how many each document has (n,), both int64."""
    lengths = np.fromiter(map(len, documents), np.int64, len(documents))
    tokens: Iterable[str] = chain.from_iterable(documents)
    return np.fromiter(map(table.get, tokens, repeat(unknown)), np.int64, int(lengths.sum())), lengths


def in_rows(numbers: Values, lengths: Values, size: int, padding: str = "post", truncating: str = "post") -> Values:
    """Numbers as `numbers_of` gives them, in rows (n, size): cut off and filled up with 0 at the end, or the start."""
    kept = np.minimum(lengths, size)
    places = np.arange(len(numbers)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    first = np.repeat(lengths - kept, lengths) if truncating == "pre" else 0
    chosen = numbers[(places >= first) & (places < first + size)]
    columns = np.arange(size)
    filled = columns >= (size - kept)[:, None] if padding == "pre" else columns < kept[:, None]
    rows = np.zeros((len(lengths), size), dtype=numbers.dtype)
    rows[filled] = chosen
    return rows


def bags(numbers: Values, lengths: Values, depth: int, dtype: str, *, binary: bool) -> Values:
    """How often each number below `depth` stands in each document (n, depth), or whether; negative ones are nothing."""
    rows = np.repeat(np.arange(len(lengths)), lengths)
    counts = np.zeros((len(lengths), depth), dtype=dtype)
    known = numbers >= 0
    if binary:
        counts[rows[known], numbers[known]] = 1
    else:
        np.add.at(counts, (rows[known], numbers[known]), 1)
    return counts


def _grams(tokens: list[str], width: int) -> Iterable[str]:
    if width == 1:
        return tokens
    return map(" ".join, zip(*(tokens[start:] for start in range(width)), strict=False))
