"""Image batches: images of files and their labels, batch by batch, shuffled anew in every epoch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from kexp.core.source import Rows

Labels = np.ndarray[Any, Any]


class Files(Protocol):
    """Samples in files, as a source: images, or texts."""

    paths: list[str]

    def __len__(self) -> int: ...

    def take(self, rows: Rows) -> Any:
        """The samples of these rows."""


class ImageBatches:
    """Batches of images, or pairs (images, labels), that can be looped over and handed to fit, evaluate and predict.

    Files are read when their batch is asked for, ahead of the training step. Each loop, and each epoch of a fit, has
    an order of its own, drawn from `seed` and its number.

    Attributes:
        class_names: the names of the classes, in the order of their labels; None without labels.
        file_paths: the images' files, in the order before shuffling.
        ahead: how many batches are worth reading ahead.
    """

    ahead = 2

    def __init__(
        self,
        images: Files,
        labels: Labels | None,
        class_names: list[str] | None,
        batch_size: int | None = 32,
        shuffle: bool = True,
        seed: int = 0,
    ) -> None:
        self.images, self.labels = images, labels
        self.class_names, self.file_paths = class_names, images.paths
        self.batch_size, self.shuffle, self.seed = batch_size, shuffle, seed
        self._loops = 0

    def __len__(self) -> int:
        return math.ceil(len(self.images) / (self.batch_size or 1))

    def __iter__(self) -> Iterator[Any]:
        epoch, self._loops = self._loops, self._loops + 1
        return (self.get_batch(epoch, index) for index in range(len(self)))

    def get_batch(self, epoch: int, index: int) -> Any:
        """Batch `index` of that epoch; one image and its label where `batch_size` is None."""
        size = self.batch_size or 1
        rows = self._order(epoch)[index * size : (index + 1) * size]
        x = self.images.take(rows)
        if self.labels is None:
            return x if self.batch_size else x[0]
        y = self.labels[rows]
        return (x, y) if self.batch_size else (x[0], y[0])

    def _order(self, epoch: int) -> np.ndarray[Any, np.dtype[np.intp]]:
        if not self.shuffle:
            return np.arange(len(self.images))
        return np.random.default_rng([self.seed, epoch]).permutation(len(self.images))
