"""IMDB: 50,000 film reviews as numbers of words, half of them positive, as Keras gives them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from kexp.core.component import one_of, positive_int
from kexp.core.dataset import Dataset, Split
from kexp.core.files import DataFile, find_files
from kexp.errors import ArgumentError, DataError
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.published import find_file
from kexp_plugins.datasets.splitting import check_seed
from kexp_plugins.transforms.sequences import pad_sequences
from kexp_plugins.transforms.texts import object_array

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
ARCHIVE = DataFile(
    "imdb.npz", URL + "imdb.npz", "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f", 17464789
)
WORD_INDEX = DataFile(
    "imdb_word_index.json", URL + "imdb_word_index.json", "md5:bfafd718b763782e994055a2d397834f", 1641221
)

Reviews = list[list[int]]
Labels = np.ndarray[Any, Any]


class IMDB(Dataset):
    """Film reviews, each word as its rank by frequency, and whether they praise the film (Maas et al. 2011).

    Word numbers begin at `index_from` + 1, the most frequent word; each review begins with `start_char`. Words ranked
    from `num_words` on or below `skip_top` become `oov_char`, or are left out if that is null. Reviews of `maxlen`
    words or more are left out, as in Keras. 0 is for filling up.
    Shapes: x an object array (n,) of lists of ints; with `pad_to` int32 (n, pad_to), cut off and filled up at the
    start, or at the end with `padding` and `truncating` 'post'. y int64 (n,), 1 for positive. 25,000 reviews train and
    25,000 test, in the order that `seed` gives in Keras.
    Files: imdb.npz; `path`: the file or its folder; without it KEXP_DATA, the cache or the system's folder, else it is
    downloaded into the cache. It holds pickled lists, so it is opened only after its hash was checked.
    Terms: not stated; the authors ask to cite their paper.
    Raises: MissingFileError if it is nowhere to be had; DataError if it is another file, or no review is left.
    """

    splits = ("train", "test")
    classes: ClassVar[tuple[str, ...]] = ("negative", "positive")

    def __init__(
        self,
        path: str | None = None,
        num_words: int | None = None,
        skip_top: int = 0,
        maxlen: int | None = None,
        seed: int = 113,
        start_char: int | None = 1,
        oov_char: int | None = 2,
        index_from: int = 3,
        pad_to: int | None = None,
        padding: Literal["pre", "post"] = "pre",
        truncating: Literal["pre", "post"] = "pre",
    ) -> None:
        self.path = path
        self.num_words = None if num_words is None else positive_int("num_words", num_words)
        self.skip_top = _checked("skip_top", skip_top)
        self.maxlen = None if maxlen is None else positive_int("maxlen", maxlen)
        self.seed = check_seed(seed)
        self.start_char = None if start_char is None else _checked("start_char", start_char)
        self.oov_char = None if oov_char is None else _checked("oov_char", oov_char)
        self.index_from = _checked("index_from", index_from)
        self.pad_to = None if pad_to is None else positive_int("pad_to", pad_to)
        self.padding = one_of("padding", padding, ("pre", "post"))
        self.truncating = one_of("truncating", truncating, ("pre", "post"))
        if pad_to is None and (padding, truncating) != ("pre", "pre"):
            raise ArgumentError("padding and truncating need pad_to")

    def load(self) -> dict[str, Split]:
        stream = np.random.RandomState(self.seed)  # one for both parts, as in Keras
        with np.load(find_file("imdb", ARCHIVE, self.path), allow_pickle=True) as stored:
            parts = [self._reviews(stored["x_train"], stored["y_train"], stream)]
            parts += [self._reviews(stored["x_test"], stored["y_test"], stream)]
        if not all(len(y) for _, y in parts):
            raise DataError(f"imdb: no review has fewer than maxlen={self.maxlen} words. Make maxlen larger")
        # as in Keras, the rarest word of all is oov_char even then
        kept = self.num_words or max(max(review, default=0) for x, _ in parts for review in x)
        return {name: self._split(x, y, kept) for name, (x, y) in zip(self.splits, parts, strict=True)}

    def _reviews(self, x: Any, y: Labels, stream: np.random.RandomState) -> tuple[Reviews, Labels]:
        """Reviews in an order drawn from `stream`, numbers moved up, long ones left out."""
        order = np.arange(len(x))
        stream.shuffle(order)
        start = [] if self.start_char is None else [self.start_char]
        reviews = [start + [word + self.index_from for word in review] for review in x[order]]
        short = [place for place, review in enumerate(reviews) if self.maxlen is None or len(review) < self.maxlen]
        return [reviews[place] for place in short], y[order][np.array(short, dtype=np.intp)]

    def _split(self, reviews: Reviews, y: Labels, kept: int) -> Split:
        words = range(self.skip_top, kept)
        if self.oov_char is None:
            made = [[word for word in review if word in words] for review in reviews]
        else:
            made = [[word if word in words else self.oov_char for word in review] for review in reviews]
        if self.pad_to is None:
            return Split(object_array(made), y)
        return Split(pad_sequences(made, self.pad_to, padding=self.padding, truncating=self.truncating), y)


def _checked(name: str, value: Any) -> int:
    """`value`, if it is an int from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ArgumentError(f"{name} must be an int from 0 on. Received: {value!r}")
    return value


def word_index(path: str | os.PathLike[str] | None = None) -> dict[str, int]:
    """The rank by frequency of each word of the reviews; the number in a review is `index_from` higher.

    `path`: imdb_word_index.json or its folder; without it KEXP_DATA, the cache or the system's folder, else it is
    downloaded into the cache.
    Raises: MissingFileError if it is nowhere to be had; DataError if it is another file.
    """
    folder = Path(path).expanduser() if path is not None else None
    (place,) = find_files("imdb", [WORD_INDEX], folder.parent if folder is not None and folder.is_file() else folder)
    ranks: dict[str, int] = json.loads(place.read_bytes())
    return ranks


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"imdb": IMDB}
