"""Vocabulary: tokens in their order, checked; and the counting by which one is learned."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from kexp.errors import ArgumentError, DataError, MissingFileError

Token = Any


def read_vocabulary(path: str, encoding: str) -> list[str]:
    """The tokens of a text file, one a line.

    Raises: MissingFileError; DataError if it is no text in this encoding.
    """
    place = Path(path).expanduser()
    if not place.is_file():
        raise MissingFileError(f"there is no vocabulary file {place}")
    try:
        return place.read_text(encoding=encoding).splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{place}: this is no text in {encoding}: {error}") from None


def without_special(tokens: Sequence[Token], special: Sequence[Token], *, reserved: Sequence[Token]) -> list[Token]:
    """The tokens behind the special ones, which may stand at the start.

    Raises: ArgumentError if there are no tokens, one is there twice, or a `reserved` one stands elsewhere.
    """
    own = list(tokens)
    if not own:
        raise ArgumentError("a vocabulary must have at least one token. Received: an empty one")
    if special and own[: len(special)] == list(special):
        own = own[len(special) :]
    twice = [token for token, count in Counter(own).items() if count > 1]
    if twice:
        raise ArgumentError(f"every token of a vocabulary must be there once. More than once: {_listed(twice)}")
    for token in reserved:
        if token is not None and token in own:
            raise ArgumentError(
                f"the token {token!r} is reserved. Leave it out of the vocabulary, or begin with exactly "
                f"{list(special)!r}. It stands at place {list(tokens).index(token)}"
            )
    return own


class TokenCounts:
    """How often each token was seen, and in how many documents."""

    def __init__(self) -> None:
        self.counts: Counter[Token] = Counter()
        self.documents: Counter[Token] = Counter()
        self.n_documents = 0

    def add(self, documents: Iterable[Sequence[Token]]) -> None:
        """Take in documents, each a sequence of tokens."""
        for document in documents:
            self.counts.update(document)
            self.documents.update(set(document))
            self.n_documents += 1

    def most_frequent(self, limit: int | None, without: Sequence[Token]) -> list[Token]:
        """The tokens, frequent ones first, of equally frequent ones the later in the alphabet first, as in Keras."""
        pairs = [(count, token) for token, count in self.counts.items() if token not in without]
        return [token for _, token in sorted(pairs, reverse=True)[:limit]]

    def idf(self, tokens: Sequence[Token]) -> list[float]:
        """log(1 + documents / (1 + documents with the token))."""
        return [math.log(1 + self.n_documents / (1 + self.documents[token])) for token in tokens]


def _listed(tokens: Sequence[Token]) -> str:
    return ", ".join(map(repr, tokens[:10])) + (f" and {len(tokens) - 10} more" if len(tokens) > 10 else "")
