"""CleanText: texts in lower case and without punctuation marks."""

from __future__ import annotations

import string
import unicodedata
from typing import Any

import numpy as np

from kexp.core.transform import Transform
from kexp.hookspecs import hookimpl
from kexp_plugins.transforms.columns import checked_columns, chosen, column_values, is_table, label, places_of
from kexp_plugins.transforms.texts import as_texts, checked_texts, object_array


class CleanText(Transform):
    """Texts in lower case, without punctuation marks, and with single blanks between words; of any language.

    Marks are those of ASCII and all that Unicode calls punctuation; they leave nothing behind: don't becomes dont.
    `columns`: which columns of a table hold the texts; None is all columns of texts.
    Shapes: texts (n,) or (n, 1) -> an object array (n,); a table stays one.
    Raises: DataError that names the row of a value that is missing or no text.
    """

    def __init__(
        self, lower: bool = True, strip_punctuation: bool = True, columns: list[str | int] | None = None
    ) -> None:
        self.lower = lower
        self.strip_punctuation = strip_punctuation
        self.columns = checked_columns(columns)

    def transform(self, x: Any, stream: np.random.Generator | None = None) -> Any:
        if not is_table(x):
            return self._clean(as_texts(x))
        new = x.copy(deep=False)
        names = chosen(x, self.columns, "texts")
        for name, place in zip(names, places_of(x, names), strict=True):
            texts = checked_texts(column_values(x, name), label(x, place))
            new[x.columns[place]] = self._clean(texts)
        return new

    def _clean(self, texts: list[str]) -> Any:
        if self.lower:
            texts = [text.lower() for text in texts]
        if self.strip_punctuation:
            texts = [text.translate(MARKS) for text in texts]
        return object_array([" ".join(text.split()) for text in texts])


class _Marks(dict[int, int | None]):
    """What becomes of each character: nothing of a mark. Looked up once and remembered."""

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        is_mark = character in string.punctuation or unicodedata.category(character).startswith("P")
        self[code] = None if is_mark else code
        return self[code]


MARKS = _Marks()


@hookimpl
def kexp_transforms() -> dict[str, type[Transform]]:
    return {"clean_text": CleanText}
