"""Pad: sequences of several lengths as rows of one length."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from kexp.core.component import one_of, positive_int
from kexp.core.transform import Transform
from kexp.errors import DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.sequences import checked_dtype, lengths_of, padded


class Pad(Transform):
    """Sequences as rows of `maxlen` (None: that of the longest in the training data), filled up with `value`.

    Longer ones are cut off. `padding` and `truncating`: at the start ('pre') or at the end ('post').
    Shapes: x an object array or a list of n sequences (t,) or (t, ...) -> (n, maxlen, ...) of `dtype`.
    Raises: DataError that names the row that is no sequence, has another shape, or holds what `dtype` cannot.
    """

    learns = True

    def __init__(
        self,
        maxlen: int | None = None,
        padding: Literal["pre", "post"] = "pre",
        truncating: Literal["pre", "post"] = "pre",
        value: float = 0,
        dtype: str = "int32",
    ) -> None:
        self.maxlen = None if maxlen is None else positive_int("maxlen", maxlen)
        self.padding = one_of("padding", padding, ("pre", "post"))
        self.truncating = one_of("truncating", truncating, ("pre", "post"))
        self.value = value
        self.dtype = checked_dtype(dtype, value)

    @property
    def fitted(self) -> bool:
        return self.maxlen is not None or super().fitted

    def fit(self, chunks: Iterable[Any]) -> None:
        longest, start = 0, 0
        for chunk in chunks:
            lengths = lengths_of(chunk, start)
            longest, start = max([longest, *lengths]), start + len(lengths)
        if self.maxlen is None and not longest:
            raise DataError(f"pad: the {start} sequences to fit on are empty, so their length is unknown: give maxlen")
        self.length_ = self.maxlen or longest

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        self.check_fitted()
        size = self.maxlen or self.length_
        return padded(x, lengths_of(x), size, self.dtype, self.padding, self.truncating, self.value)


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"pad": Pad}
