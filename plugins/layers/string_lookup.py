"""StringLookup: texts as their numbers in a vocabulary, or back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from kexp.core.layer import Layer
from kexp.errors import DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.layers.hashing_of_tokens import stable_hash
from kexp_plugins.layers.index_lookup import IndexLookup

Values = np.ndarray[Any, Any]


class StringLookup(IndexLookup):
    """The number of each text in the vocabulary, as int64, or vectors made of them.

    With `mask_token` that text is number 0 (in int mode; else it is left out). Then come `num_oov_indices` numbers
    for texts that are not in the vocabulary, then the vocabulary, which is given or learned by `adapt(data)`.
    `output_mode`: int, one_hot (a vector for each text), multi_hot, count or tf_idf (one vector a sample).
    `invert`: numbers -> texts. What was learned is part of the layer's config, and so is saved with the model. Which
    of several numbers an unknown text gets depends on a hash of it (BLAKE2), not on the hash that Keras uses.

    Shapes: x (n, ...) texts -> (n, ...); multi_hot, count, tf_idf: (n, t) -> (n, k); one_hot: (n, t) -> (n, t, k).
    Raises: StateError without a vocabulary; DataError for a value that is no text, or, with num_oov_indices=0, unknown.
    """

    input_dtype = "str"

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: list[str] | str | None = None,
        idf_weights: list[float] | None = None,
        invert: bool = False,
        output_mode: Literal["int", "one_hot", "multi_hot", "count", "tf_idf"] = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: int | list[int] | None = None,
        **kwargs: Any,
    ) -> None:
        self.encoding = encoding
        if invert:
            self.input_dtype = "int64"
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
            name=name,
            **kwargs,
        )

    def as_tokens(self, values: Values) -> Values:
        """Texts, bytes decoded."""
        if values.dtype.kind == "U":
            return values
        flat = values.astype(object).ravel().tolist()
        if not set(map(type, flat)) <= {str}:
            flat = [text.decode(self.encoding) if isinstance(text, bytes) else text for text in flat]
            row = next((row for row, text in enumerate(flat) if not isinstance(text, str)), None)
            if row is not None:
                at = row // max(1, len(flat) // len(values))
                raise DataError(f"layer {self.name!r} takes texts. Row {at} holds {flat[row]!r}")
        made = np.empty(len(flat), dtype=object)
        made[:] = flat
        return made.reshape(values.shape)

    def oov_places(self, tokens: Sequence[Any]) -> list[int]:
        """By a hash of the text."""
        return [stable_hash(token, self.salt) % self.num_oov_indices for token in tokens]


@hookimpl
def kexp_layers() -> dict[str, type[Layer]]:
    return {"string_lookup": StringLookup}
