"""IntegerLookup: whole numbers as their numbers in a vocabulary, or back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from kexp.core.layer import Layer
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.hashing_of_tokens import stable_hash
from kexp_plugins.layers.index_lookup import IndexLookup

Values = np.ndarray[Any, Any]


class IntegerLookup(IndexLookup):
    """The number of each whole number in the vocabulary, as int64, or vectors made of them.

    As StringLookup, for numbers such as product codes. Which of several numbers an unknown one gets is its remainder
    (`oov_method` "floormod"), or depends on a hash of it ("farmhash"; the hash is BLAKE2, not the one that Keras uses).

    Shapes: x (n, ...) whole numbers -> (n, ...); multi_hot, count, tf_idf: (n, t) -> (n, k); one_hot: -> (n, t, k).
    Raises: StateError without a vocabulary; DataError for numbers that are not whole, or, with num_oov_indices=0,
    unknown.
    """

    input_dtype = "int64"

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: list[int] | str | None = None,
        vocabulary_dtype: str = "int64",
        idf_weights: list[float] | None = None,
        invert: bool = False,
        output_mode: Literal["int", "one_hot", "multi_hot", "count", "tf_idf"] = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: Literal["floormod", "farmhash"] = "floormod",
        salt: int | list[int] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if vocabulary_dtype != "int64":
            raise ArgumentError(f"vocabulary_dtype must be 'int64'. Received: {vocabulary_dtype!r}")
        if salt is not None and oov_method != "farmhash":
            raise ArgumentError(f"salt is for oov_method 'farmhash'. Received: oov_method={oov_method!r}")
        super().__init__(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            sparse=sparse,
            salt=salt,
            oov_method=oov_method,
            name=name,
            **kwargs,
        )

    def as_tokens(self, values: Values) -> Values:
        """int64."""
        if values.dtype.kind in "iu":
            return values.astype(np.int64, copy=False)
        try:
            numbers = values.astype(np.float64 if values.dtype.kind == "f" else np.int64)
        except (TypeError, ValueError) as error:
            raise DataError(f"layer {self.name!r} takes whole numbers: {error}") from None
        wrong = numbers != np.floor(numbers)
        if wrong.any():
            raise DataError(f"layer {self.name!r} takes whole numbers. Received: {numbers[wrong].ravel()[0]}")
        return numbers.astype(np.int64)

    def oov_places(self, tokens: Sequence[Any]) -> list[int]:
        """By the remainder, or a hash of the digits."""
        if self.oov_method == "floormod":
            return [token % self.num_oov_indices for token in tokens]
        return [stable_hash(str(token), self.salt) % self.num_oov_indices for token in tokens]


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"integer_lookup": IntegerLookup}
