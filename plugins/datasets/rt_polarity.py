"""Sentence polarity: 10,662 sentences of film reviews, half of them positive."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kexp.core.dataset import Dataset, Split
from kexp.core.files import DataFile, find_files
from kexp.hookspecs import hookimpl
from kexp_plugins.datasets.published import read_content
from kexp_plugins.datasets.splitting import check_seed, check_test_fraction, split_names, split_whole
from kexp_plugins.transforms.texts import object_array

URL = "https://raw.githubusercontent.com/yoonkim/CNN_sentence/23e0e1f7355705bb083043fda05c031b15acb38c/"
NEGATIVE = DataFile(
    "rt-polarity.neg",
    URL + "rt-polarity.neg",
    "4ace77d558c3714723843f1d65b60c01e3417b208180f0728808d76ad0eeeaca",
    612256,
    "4ace77d558c3714723843f1d65b60c01e3417b208180f0728808d76ad0eeeaca",
)
POSITIVE = DataFile(
    "rt-polarity.pos",
    URL + "rt-polarity.pos",
    "2da124ec187a9d5a29c9f04e91c540e02baed5af8868f550a26bd6fd4dbf8bf0",
    626139,
    "2da124ec187a9d5a29c9f04e91c540e02baed5af8868f550a26bd6fd4dbf8bf0",
)
N_ROWS = 10_662


class RTPolarity(Dataset):
    """Sentences of film reviews, and whether they praise the film (Pang & Lee 2005, sentence polarity v1.0).

    Shapes: x an object array of texts (n,), lower case, words and marks parted by blanks; y int64 (n,), 1 for positive.
    Of the rows a `test_fraction` (rounded up), shuffled by `seed` and with both classes in proportion, is the test
    split: the rows of scikit-learn's train_test_split(..., stratify=y). With 0 there is no test split and the order is
    the files', the negative one first.
    Files: rt-polarity.neg and rt-polarity.pos, gzipped or not; `path`: their folder; without it KEXP_DATA, the cache
    or the system's folder, else they are downloaded into the cache. Their content is checked by hash.
    Terms: not stated; the authors ask to cite their paper.
    Raises: MissingFileError if they are nowhere to be had; DataError if one is damaged or another file.
    """

    classes: ClassVar[tuple[str, ...]] = ("negative", "positive")

    def __init__(self, path: str | None = None, test_fraction: float = 0.2, seed: int = 0) -> None:
        self.path = path
        self.test_fraction = check_test_fraction(test_fraction, N_ROWS, len(self.classes))
        self.seed = check_seed(seed)
        self.splits = split_names(self.test_fraction)

    def load(self) -> dict[str, Split]:
        files = (NEGATIVE, POSITIVE)
        places = find_files("rt_polarity", files, self.path)
        texts = [_lines(read_content(place, file.content_sha256)) for place, file in zip(places, files, strict=True)]
        y = np.repeat(np.arange(len(texts)), [len(lines) for lines in texts])
        return split_whole(object_array([*texts[0], *texts[1]]), y, self.test_fraction, self.seed, stratify=True)


def _lines(content: bytes) -> list[Any]:
    """The lines of a file; byte 0x85, which `str.splitlines` may take for an end of line, is dots in this encoding."""
    return content.decode("cp1252").removesuffix("\n").split("\n")


@hookimpl
def kexp_datasets() -> dict[str, type[Dataset]]:
    return {"rt_polarity": RTPolarity}
